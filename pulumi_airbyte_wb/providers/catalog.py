"""The provider of ``Catalog``.

The module's path and the class's name are a contract for ever: they are what every stack's state stores.
"""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import (
    CheckResult,
    Config,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_airbyte_wb.providers.advice import advised


class CatalogProvider(ResourceProvider):
    """Maps the streams of a connection, managed apart from it, to the get and update endpoints of ``web_backend``."""

    serialize_as_secret_always = False
    _config: Config

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's config, which names the server; it never reaches a resource."""
        self._config = req.config

    @advised
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate and canonicalise the streams, and say what the change will do (``planned``)."""
        from pulumi_airbyte_wb.providers.base import check
        from pulumi_airbyte_wb.spec.connection import CATALOG

        return check(_olds, news, self._config.get, CATALOG)

    @advised
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is recorded with what is declared; for what changes, print what it does and costs."""
        from pulumi_airbyte_wb.providers.base import claim, compare
        from pulumi_airbyte_wb.spec.connection import CATALOG

        claim(_id, _news, self._config.get)
        return compare(_id, _olds, _news, self._config.get, CATALOG)

    @advised
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Take over the streams that the connection has, and add those that need nothing else."""
        from pulumi_airbyte_wb.lifecycle.take_over import take_over
        from pulumi_airbyte_wb.providers.base import claim, context_of, outputs
        from pulumi_airbyte_wb.spec.connection import CATALOG

        context = context_of(props, self._config.get, CATALOG, recorded=True)
        connection_id = context.declaration.spec.connection_id or ""
        claim(connection_id, props, self._config.get)
        connection = take_over(context, connection_id)
        return CreateResult(connection_id, outputs(context, connection, props))

    @advised
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the declared streams as they are now."""
        from pulumi_airbyte_wb.providers.refresh import read
        from pulumi_airbyte_wb.spec.connection import CATALOG

        return read(id_, props, self._config.get, CATALOG)

    @advised
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Carry out what was planned, after a look at the live connection."""
        from pulumi_airbyte_wb.providers.base import update
        from pulumi_airbyte_wb.spec.connection import CATALOG

        return update(_id, _olds, _news, self._config.get, CATALOG)

    @advised
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Release the streams as they are, or take them out where the program said so."""
        from pulumi_airbyte_wb.lifecycle.delete import release
        from pulumi_airbyte_wb.lifecycle.replacement import is_kept
        from pulumi_airbyte_wb.providers.refresh import recall
        from pulumi_airbyte_wb.spec.connection import CATALOG

        remembered = recall(_id, _props, self._config.get, CATALOG)
        session, urn, report = remembered.session, remembered.urn, remembered.console
        if remembered.connection is not None and not is_kept(session, urn, _id, report):
            release(session, report, urn, remembered.connection, remembered.declaration)
