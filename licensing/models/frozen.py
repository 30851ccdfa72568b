"""JSON that is kept as it was hashed."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from registry.merkle import bundle

if TYPE_CHECKING:
    AnyText = models.TextField[Any, Any]
else:
    AnyText = models.TextField


class FrozenJSON(AnyText):
    """A JSON value in a column of text, in the one spelling that is hashed (`bundle.canonical_json`).

    Read and written as a value, like JSONField, and never looked into by the database: what is stored are the bytes
    that a Merkle leaf was made of, and storing them takes half the time of jsonb, which takes them apart.
    """

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """The value that the text spells."""
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        """Values are what they are; texts come from `value_to_string` (dumpdata)."""
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str | None:
        """The canonical text. Raises TypeError or ValueError for what is no JSON."""
        return None if value is None else bundle.canonical_json(value).decode()

    def value_to_string(self, obj: models.Model) -> str:
        """For serializers."""
        return self.get_prep_value(self.value_from_object(obj)) or ""
