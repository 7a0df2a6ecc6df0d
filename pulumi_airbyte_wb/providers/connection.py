"""The provider of ``Connection``.

The module's path and the class's name are a contract for ever: they are what every stack's state stores. The class has
no state of its own and imports inside its methods, so that an upgrade of this package never touches a resource.
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


class ConnectionProvider(ResourceProvider):
    """Maps a connection to the create, get and update endpoints of ``web_backend``."""

    serialize_as_secret_always = False
    _config: Config

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's config, which names the server; it never reaches a resource."""
        self._config = req.config

    @advised
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate and canonicalise the inputs, and say what the change will do (``planned``)."""
        from pulumi_airbyte_wb.providers.unchanged import kept

        same = kept(_olds, news, self._config.get)
        if same is not None:
            return CheckResult(same, [])
        from pulumi_airbyte_wb.providers.base import check

        return check(_olds, news, self._config.get)

    @advised
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is recorded with what is declared; for what changes, print what it does and costs."""
        from pulumi_airbyte_wb.providers.unchanged import is_same

        if is_same(_id, _olds, _news, self._config.get):
            return DiffResult(changes=False, replaces=[], delete_before_replace=True)
        from pulumi_airbyte_wb.providers.base import claim, compare

        claim(_id, _news, self._config.get)
        return compare(_id, _olds, _news, self._config.get)

    @advised
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the connection, or take over the one that ``adopt`` names."""
        from pulumi_airbyte_wb.lifecycle.create import create_connection
        from pulumi_airbyte_wb.lifecycle.take_over import take_over
        from pulumi_airbyte_wb.providers.base import claim, context_of, outputs

        context = context_of(props, self._config.get, recorded=bool(props.get("adopt")))
        adopt = context.declaration.spec.options.adopt
        connection = take_over(context, adopt) if adopt else create_connection(context)
        claim(connection.connection_id, props, self._config.get)
        return CreateResult(connection.connection_id, outputs(context, connection, props))

    @advised
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the live connection: what was recorded of it, as it is now."""
        from pulumi_airbyte_wb.providers.refresh import read

        return read(id_, props, self._config.get)

    @advised
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Carry out what was planned, after a look at the live connection."""
        from pulumi_airbyte_wb.providers.base import update

        return update(_id, _olds, _news, self._config.get)

    @advised
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the connection; one that is gone already is as good."""
        from pulumi_airbyte_wb.lifecycle.delete import delete
        from pulumi_airbyte_wb.providers.refresh import passed_on, recall

        remembered = recall(_id, _props, self._config.get)
        if remembered.connection is not None and not passed_on(remembered, _id):
            delete(remembered.session, remembered.urn, remembered.connection, remembered.declaration)
