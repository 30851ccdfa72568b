"""Lookups that the framework has none of."""

from typing import Any

from django.db.models import Field, ForeignKey, Lookup


@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=[…]`: as `__in` of plain values, sent as one array instead of a placeholder each."""

    lookup_name = "any_of"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [list(value)]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection)
        return f"{lhs} = ANY({rhs}::{kind}[])", [*lhs_params, *rhs_params]


ForeignKey.register_lookup(AnyOf)
