"""What the control API takes and answers."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from pulumi_airbyte_wb.emulator.core.durations import LONGEST
from pulumi_airbyte_wb.emulator.core.fault import Kind, Step
from pulumi_airbyte_wb.emulator.core.streams import Row


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Clock(_Body):
    """The virtual clock."""

    now: float
    speed: float


class ClockChange(_Body):
    """What to do with the clock."""

    advance: float | None = Field(default=None, ge=0, le=LONGEST, description="virtual seconds to let pass")
    speed: float | None = Field(default=None, ge=0, description="virtual seconds per real second; 0 stands still")


class Connection(_Body):
    """A connection that is not deleted."""

    connection_id: str
    name: str
    status: str


class TableSize(_Body):
    """A table of a destination, and how many rows it has."""

    destination: str
    table: str
    rows: int


class DropOrder(_Body):
    """Which tables to drop: one, or (``all``) every one."""

    table: str | None = Field(default=None, description="``namespace.name``")
    destination: str | None = Field(default=None, description="a name or an id; needed where several have the table")
    all: bool = False

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.table is None) is not self.all:
            raise ValueError("give a table, or all")
        return self


class Dropped(TableSize):
    """A table that was dropped; ``forgotten`` names the deleted connections that do not count as its writers now."""

    forgotten: list[str]


class Rows(_Body):
    """Rows of a source table."""

    namespace: str | None = None
    rows: list[Row]


class RowChange(_Body):
    """New values for the rows that match."""

    namespace: str | None = None
    where: Row = Field(default_factory=dict)
    values: Row


class RowChoice(_Body):
    """Which rows to delete."""

    namespace: str | None = None
    where: Row = Field(default_factory=dict)


class Column(_Body):
    """A column: its JSON schema, or null to drop it."""

    namespace: str | None = None
    json_schema: dict[str, Any] | None


class StreamChange(_Body):
    """A stream of a source: an AirbyteStream object, and its rows (those that are there if not given)."""

    stream: dict[str, Any]
    rows: list[Row] | None = None


class FaultOrder(_Body):
    """A fault of the API: after ``skip`` matching requests it strikes ``times`` times."""

    kind: Kind
    path: str | None = Field(default=None, description="a path under /api/v1/; any if not given")
    about: str | None = Field(default=None, description="a text in the request's body, such as a connection's id")
    skip: int = Field(default=0, ge=0)
    times: int = Field(default=1, ge=1)
    status: int = 500
    delay: float = Field(default=0, ge=0, description="real seconds before the request is carried out")
    hold: float = Field(default=0, ge=0, description="real seconds before the answer leaves")
    headers: dict[str, str] = Field(default_factory=dict)
    apply: bool = Field(default=False, description="carry the request out although its answer is an error")
    step: Step | None = Field(default=None, description="break a create or an update of web_backend off after this")


class StreamFault(_Body):
    """A fault of a stream in the connection's next job."""

    connection_id: str
    stream: str
    namespace: str | None = None
    after: int = Field(default=0, ge=0, description="records that arrive before it breaks")
    checkpoint: bool = False
    message: str = "a fault of the emulator"


class Release(_Body):
    """When the requests are carried out that a fault ``late`` kept."""

    before: list[str] = Field(default_factory=list, description="just before a request to one of these paths")
    after: int = Field(default=0, ge=0, description="after so many more requests")


class Requests(_Body):
    """The request log."""

    counts: dict[str, int]
    requests: list[dict[str, Any]]


class Waiting(_Body):
    """How many faults."""

    faults: int


class Count(_Body):
    """How many rows."""

    rows: int
