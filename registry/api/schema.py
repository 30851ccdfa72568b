"""How the API describes itself: every operation with its problems, and what tokens are."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.permissions import SAFE_METHODS

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "The page that explains `code`."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable; decide by this one."},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Every fault at once.",
            "items": {
                "type": "object",
                "required": ["cause"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the body."},
                    "parameter": {"type": "string", "description": "Name of the query's parameter."},
                    "cause": {"type": "string"},
                },
            },
        },
    },
}
SAYS = {
    "400": "The body or the query is not as it should be.",
    "401": "A token is missing, unknown, expired or revoked.",
    "403": "The token's scopes, or the role, do not permit this.",
    "404": "There is nothing at this address, or nothing the caller may see.",
    "405": "The address does not know this method.",
    "406": "There is no answer in a format that `Accept` permits.",
    "409": "The thing is in a state that does not permit this.",
    "412": "`If-Match` names an earlier revision: somebody else changed the thing since it was read.",
    "413": "The body is larger than what is read at once.",
    "415": "The body is of a type that is not read here.",
    "422": "The Idempotency-Key came with another request before.",
    "429": "More requests came from this caller in a minute than are taken; `Retry-After` says when to go on.",
    "507": "There is no room to keep the files.",
}


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Anything unique to this request. The same request sent again within a day gets the same reply and "
    "creates nothing again; another one with the same key is 422, one that comes while the first runs 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}


class TokenScheme(OpenApiAuthenticationExtension):
    """Bearer tokens in the description."""

    target_class = "registry.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A token made on the page “Tokens”: `col_…`."}


class ProblemSchema(AutoSchema):
    """Adds to each operation the problems it may answer with."""

    def get_operation(self, *arguments: Any, **options: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*arguments, **options)
        if operation is None:
            return None
        if self.method == "POST":
            operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        reference = self._problem_reference()
        for status in self._statuses():
            content = {"application/problem+json": {"schema": reference}}
            operation["responses"].setdefault(status, {"description": SAYS[status], "content": content})
        for status, response in operation["responses"].items():
            if status in ("201", "202"):
                response["headers"] = {
                    "Location": {
                        "description": "Where the new thing is, or the job to poll.",
                        "schema": {"type": "string"},
                    }
                }
        return operation

    def _statuses(self) -> list[str]:
        statuses = ["400", "401", "403", "404", "406", "429"]
        if self.method not in SAFE_METHODS:
            statuses += ["409", "413", "415", "507"] + (["422"] if self.method == "POST" else [])
            if getattr(self.view, "has_revisions", False):
                statuses.append("412")
        elif getattr(self.view, "action", None) in getattr(self.view, "conflicting_reads", ()):
            statuses.append("409")
        return statuses

    def _problem_reference(self) -> dict[str, Any]:
        component = ResolvedComponent(
            name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object=ProblemSchema
        )
        self.registry.register_on_missing(component)
        return dict(component.ref)

    def get_tags(self) -> list[str]:
        return [re.sub(r"^/api/v1/", "", self.path).split("/")[0]]

    def get_auth(self) -> list[dict[str, Any]]:
        if getattr(self.view, "permission_classes", None) == []:
            return [{}]
        ways = [way for way in super().get_auth() if way]
        return [{}, *ways] if self.method in SAFE_METHODS else ways  # what is public is read without a token
