"""What a destination is told to do with one stream."""

from dataclasses import dataclass, field
from typing import Any

from pulumi_airbyte_wb.emulator.core.streams import Key, Row


class StreamFailedError(Exception):
    """A stream that ends its job's attempt with an error."""


@dataclass(frozen=True)
class Record:
    """A row on its way, after the pipeline."""

    values: Row
    extracted: int
    deleted: bool = False


@dataclass(frozen=True)
class Load:
    """What a destination is told to do with a stream's records."""

    key: Key
    namespace: str | None
    table: str
    destination_mode: str
    cursor: list[str]
    primary_key: list[list[str]]
    columns: dict[str, Any]
    generation: int
    minimum: int
    complete: bool
    records: list[Record] = field(default_factory=list)

    @property
    def deduplicates(self) -> bool:
        """Whether rows of one key are reduced to the newest."""
        return self.destination_mode in ("append_dedup", "overwrite_dedup")

    @property
    def truncates(self) -> bool:
        """Whether rows of older generations go (rows.md §2.1)."""
        return self.minimum > 0 and self.minimum == self.generation
