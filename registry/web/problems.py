"""What the error codes of the API mean and what to do about them: the texts of /docs/problems."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Problem:
    """One code: the HTTP status it comes with, what happened, what to do."""

    status: int
    meaning: str | Promise
    remedy: str | Promise


PROBLEMS: dict[str, Problem] = {
    "INVALID_INPUT": Problem(
        400,
        _("Something that was sent is not as it should be."),
        _("The list `errors` names each field by its JSON pointer and says what is wrong with it."),
    ),
    "PARSE_ERROR": Problem(
        400, _("The body could not be read."), _("Send JSON, or a multipart form where files are handed in.")
    ),
    "JOB_REFUSED": Problem(
        400,
        _("The job's own input makes it impossible."),
        _("Trying again cannot help: mend the input that the job's reason names, and start a new job."),
    ),
    "TEXT_UNREADABLE": Problem(
        400,
        _("The file holds no text that can be read."),
        _("Hand in plain text or EPUB; the cause names what was wrong."),
    ),
    "SEARCH_ENGINE_UNKNOWN": Problem(
        400, _("There is no search engine of this name here."), _("Leave the engine out, or name one that is set up.")
    ),
    "TOO_MANY_REQUESTS": Problem(
        429,
        _("More requests came from this caller in a minute than are taken."),
        _("Wait for the seconds that `Retry-After` says. `RateLimit` on every answer tells what is left."),
    ),
    "IDEMPOTENCY_KEY_REUSED": Problem(
        422,
        _("The same Idempotency-Key came with another request within a day."),
        _("Use a new key for every request that is not a repetition of an earlier one."),
    ),
    "IDEMPOTENCY_KEY_IN_FLIGHT": Problem(
        409,
        _("The first request with this Idempotency-Key has not been answered yet."),
        _("Send the same request again in a moment; it then gets the first one's reply."),
    ),
    "NOT_AUTHENTICATED": Problem(
        401,
        _("This needs a sign-in or a token."),
        _("Send `Authorization: Bearer` with a token from your account page."),
    ),
    "AUTHENTICATION_FAILED": Problem(
        401, _("The token is unknown, expired or revoked."), _("Make a new token on your account page.")
    ),
    "NOT_ALLOWED": Problem(
        403,
        _("You may see this but not do that to it."),
        _("Ask an owner of the organisation for the role of editor, or use a token with the scope."),
    ),
    "PERMISSION_DENIED": Problem(
        403, _("The token's scopes do not reach this."), _("Make a token with the scope that the message names.")
    ),
    "NOT_FOUND": Problem(
        404,
        _("There is nothing at this address, or nothing that you may see."),
        _("Check the address; sign in with the organisation it belongs to."),
    ),
    "METHOD_NOT_ALLOWED": Problem(
        405, _("This address does not take this method."), _("Look the address up in the API's documentation.")
    ),
    "NOT_ACCEPTABLE": Problem(406, _("The API answers in JSON only."), _("Ask for application/json.")),
    "MOVED": Problem(
        301,
        _("The thing is one with another now."),
        _("Go on with the one that `merged_into` names; reading is sent on to it."),
    ),
    "REVISION_CONFLICT": Problem(
        412,
        _("Somebody else changed it since you read it. Nothing of yours was written."),
        _("Read it again, look at what is different, and send your change with the new `ETag` in `If-Match`."),
    ),
    "CONFLICT": Problem(
        409,
        _("The thing is in a state that does not permit this."),
        _("Read it again; the message says which state it is in."),
    ),
    "INDEX_GONE": Problem(
        409,
        _("The index that this scan was begun with is gone."),
        _("Start the scan again: it uses the index of today."),
    ),
    "TOO_LARGE": Problem(
        413, _("The body is larger than what is read at once."), _("Send less at once, or hand it in as a file.")
    ),
    "UNSUPPORTED_MEDIA_TYPE": Problem(
        415, _("The body is of a kind that this address does not take."), _("Send JSON, or multipart for files.")
    ),
    "QUOTA_EXCEEDED": Problem(
        429,
        _("Your organisation has had as much scanned in the last 24 hours as it may."),
        _("Wait as long as `Retry-After` says, hand in less, or ask the operator for a higher limit."),
    ),
    "THROTTLED": Problem(429, _("Too many requests."), _("Wait as long as `Retry-After` says.")),
    "INTERNAL_ERROR": Problem(
        500, _("A fault of ours, and recorded as such."), _("Try once more; if it happens again, tell the operator.")
    ),
    "DATABASE_DOWN": Problem(
        503,
        _("The database does not answer at the moment."),
        _("Try again after the seconds that `Retry-After` names."),
    ),
    "STORAGE_FULL": Problem(
        507, _("There is no room to keep the files; nothing of them was kept."), _("Tell the operator, and try later.")
    ),
    "SEARCH_ENGINE_DOWN": Problem(
        503, _("The search engine that was named does not answer."), _("Leave the engine out: another one answers.")
    ),
}
