"""Which destination table a stream lands in (rows.md §1.3)."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_airbyte_wb.models import NamespaceDefinition, StreamDescriptor
from pulumi_airbyte_wb.models.catalog import quote


class Table(NamedTuple):
    """A table's name within one destination; the namespace ``""`` is the destination's own default."""

    namespace: str
    name: str

    @property
    def key(self) -> str:
        """``namespace.name``, parts with dots in quotes."""
        return f"{quote(self.namespace)}.{quote(self.name)}"

    @property
    def shown(self) -> str:
        """As a message shows it: an empty text does not tell the default namespace."""
        return self.key if self.namespace else f"{quote(self.name)} of the default namespace"


def table_of(
    stream: StreamDescriptor,
    namespace_definition: str | None = None,
    namespace_format: str | None = None,
    prefix: str | None = None,
) -> Table:
    """The table of a stream under a connection's naming fields; upper and lower case are one, as in most warehouses."""
    if namespace_definition == NamespaceDefinition.DESTINATION:
        namespace = ""
    elif namespace_definition == NamespaceDefinition.CUSTOM_FORMAT:
        namespace = (namespace_format or "").replace("${SOURCE_NAMESPACE}", stream.namespace or "")
    else:
        namespace = stream.namespace or ""
    return Table(namespace.lower(), f"{prefix or ''}{stream.name}".lower())
