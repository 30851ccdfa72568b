"""Dates of ONIX (code list 55): what the format says, and no more digits than it promises."""

from __future__ import annotations

from registry.importers import onix_codes as codes
from registry.importers.values import Remarks, check_date, join_date


def read_date(value: str, date_format: str, column: str, remarks: Remarks) -> str:
    """2019, 2019-05 or 2019-05-31, "" with a remark for what is no date. Without a format, the digits say which."""
    if not value:
        return ""
    if not date_format or date_format in codes.DATE_DIGITS:
        digits = value.strip().replace("-", "")
        wanted = codes.DATE_DIGITS.get(date_format, len(digits.partition("T")[0]))
        # A year under the format of a whole date is the commonest slip, and there is no doubt about what is meant
        kept = digits[:wanted] if len(digits) >= wanted else digits
        if kept.isdigit() and len(kept) in (4, 6, 8):
            return join_date((kept[:4], kept[4:6], kept[6:]), value, column, remarks)
    elif date_format in codes.DATE_RANGES:
        cause = "a range of dates; it was left out, for no day in it is known to be the one"
        remarks.add(column, value, "Q", "DATE_RANGE", cause, fix="give one date")
        return ""
    elif date_format != codes.DATE_TEXT:
        cause = f"the date format {date_format} of list 55 is not read here"
        remarks.add(column, value, "Q", "CODE_UNKNOWN", cause, fix="use format 00, 01 or 05")
        return ""
    return check_date(value, column, remarks)
