"""A notice as it leaves the house: the letter as plain text, its works as a table that no spreadsheet calculates."""

import csv
import io

from django.conf import settings

from licensing.models import Notice
from licensing.selectors.notices import FoundWork, found_works
from registry.importers.cells import spreadsheet_safe

LISTED = 100  # in the letter; the table has all
COLUMNS = ("work", "title", "authors", "isbn", "share_of_work_percent", "documents")
WORDS = {
    "en": ("To", "Date", "Subject", "Works", "and {count} more, in the table"),
    "zh-hans": ("致", "日期", "主题", "作品", "另有 {count} 部，见表格"),
}


def letter(notice: Notice) -> str:
    """The whole letter, ready to be printed or mailed."""
    to, date, subject, works, more = WORDS[notice.language if notice.language in WORDS else "en"]
    day = notice.sent_at or notice.recorded_at
    found = found_works(notice)
    lines = [
        notice.organisation.name,
        "",
        f"{to}: {notice.host_name}",
        *([notice.host_address] if notice.host_address else []),
        f"{date}: {day.date().isoformat()}",
        f"{subject}: {notice.subject}",
        "",
        notice.body,
        "",
        f"{works} ({len(found)})",
        *(f"- {_line(one)}" for one in found[:LISTED]),
    ]
    if len(found) > LISTED:
        lines.append(more.format(count=len(found) - LISTED))
    return "\n".join(lines) + "\n"


def _line(one: FoundWork) -> str:
    isbn = _isbns(one)
    said = [one.work.title, _authors(one), f"ISBN {isbn}" if isbn else "", _address(one)]
    return " · ".join(part for part in said if part)


def works_csv(notice: Notice) -> str:
    """The works as CSV: where they are registered, what they are called, how much of each was found."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in found_works(notice):
        share = f"{one.coverage_ratio * 100:.1f}"
        row = (_address(one), one.work.title, _authors(one), _isbns(one), share, str(one.documents))
        writer.writerow([spreadsheet_safe(cell) for cell in row])
    return out.getvalue()


def _address(one: FoundWork) -> str:
    return f"{settings.SITE_URL}/works/{one.work.public_id}"


def _authors(one: FoundWork) -> str:
    return "; ".join(row.party.name for row in one.work.contributions.all())


def _isbns(one: FoundWork) -> str:
    return " ".join(sorted({row.value for row in one.work.identifiers.all() if row.scheme == "isbn"}))
