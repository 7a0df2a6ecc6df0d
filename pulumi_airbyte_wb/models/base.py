"""What all wire models share: Airbyte's camelCase outside, snake_case inside."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class ReadModel(BaseModel):
    """An answer of the server: fields that this package does not know are kept, so that they survive a round trip."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow", defer_build=True)

    def wire(self) -> dict[str, Any]:
        """The JSON object of the API, without the fields that are absent."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class WriteModel(BaseModel):
    """A request to the server: a field that the API does not have is an error here, not a silent loss there."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, defer_build=True
    )

    def wire(self) -> dict[str, Any]:
        """The JSON object of the API; a field left at ``None`` is not sent, which the server reads as "leave as is"."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
