"""Which destination table a stream lands in (rows.md §1.3)."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pulumi_airbyte_wb.models import NamespaceDefinition, StreamDescriptor
from pulumi_airbyte_wb.models.names import quote, split_dotted


class Sameness(Enum):
    """Whether two names are those of one table."""

    SAME = "same"
    MAYBE = "maybe"
    OTHER = "other"


class Table(NamedTuple):
    """A table's name within one destination, as it is sent; the namespace ``""`` is the destination's own default."""

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

    @property
    def folded(self) -> Table:
        """As most warehouses fold it: upper and lower case are one, and so are all characters that are no letters."""
        return Table(_folded(self.namespace), _folded(self.name))

    def resolved(self, default_namespace: str | None) -> Table:
        """With the destination's default namespace by its name, where that is known."""
        return Table(self.namespace or default_namespace or "", self.name)

    def compared(self, other: Table, default_namespace: str | None) -> Sameness:
        """Whether this is the table ``other``: an unknown default namespace may be any."""
        one, two = self.resolved(default_namespace), other.resolved(default_namespace)
        if one == two:
            return Sameness.SAME
        folded = one.folded, two.folded
        unknown = "" in {one.namespace, two.namespace} and default_namespace is None
        alike = folded[0].name == folded[1].name and (unknown or folded[0].namespace == folded[1].namespace)
        return Sameness.MAYBE if alike else Sameness.OTHER

    def may_be(self, other: Table, default_namespace: str | None) -> bool:
        """Whether this may be the table ``other``."""
        return self.compared(other, default_namespace) is not Sameness.OTHER


def _folded(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())


def table_of_key(key: str) -> Table:
    """The table whose ``key`` this is."""
    namespace, name = split_dotted(key)
    return Table(namespace, name)


class Naming(NamedTuple):
    """The fields of a connection that decide the names of its tables; blank ones count as empty, as in Airbyte."""

    definition: str = NamespaceDefinition.SOURCE
    format: str = ""
    prefix: str = ""

    @classmethod
    def of(
        cls,
        namespace_definition: str | None = None,
        namespace_format: str | None = None,
        prefix: str | None = None,
    ) -> Naming:
        """From the values of a connection's fields."""
        return cls(namespace_definition or NamespaceDefinition.SOURCE, namespace_format or "", prefix or "")

    @property
    def keeps_namespace(self) -> bool:
        """Whether a table's namespace depends on that of its stream."""
        if self.definition == NamespaceDefinition.CUSTOM_FORMAT:
            return "${SOURCE_NAMESPACE}" in self.format
        return self.definition != NamespaceDefinition.DESTINATION

    def table(self, stream: StreamDescriptor) -> Table:
        """The table of a stream."""
        if self.definition == NamespaceDefinition.DESTINATION:
            namespace = ""
        elif self.definition == NamespaceDefinition.CUSTOM_FORMAT:
            namespace = self.format.replace("${SOURCE_NAMESPACE}", stream.namespace or "")
        else:
            namespace = stream.namespace or ""
        prefix = "" if self.prefix.isspace() else self.prefix
        return Table("" if namespace.isspace() else namespace, f"{prefix}{stream.name}")


NAMING = ("namespace_definition", "namespace_format", "prefix")
"""The fields that ``Naming`` is made of."""
