"""Text in the order of people who count: “Volume 2” before “Volume 10”."""

from django.db.models import F, Func, TextField, Value

DIGITS = 12  # longer numbers are compared by their last digits


def natural(column: str) -> Func:
    """An expression to order by: the column's text with every number filled up with zeros to one length."""
    filled = Func(
        F(column), Value(r"(\d+)"), Value("0" * DIGITS + r"\1"), Value("g"), function="regexp_replace",
        output_field=TextField(),
    )  # fmt: skip
    return Func(filled, Value(rf"\d*(\d{{{DIGITS}}})"), Value(r"\1"), Value("g"), function="regexp_replace")
