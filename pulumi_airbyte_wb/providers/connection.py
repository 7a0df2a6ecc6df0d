"""The provider of ``Connection``.

The module's path and the class's name are a contract for ever: they are what every stack's state stores. The class has
no state of its own and imports inside its methods, so that an upgrade of this package never touches a resource.
"""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    Config,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)


class ConnectionProvider(ResourceProvider):
    """Maps a connection to the create, get and update endpoints of ``web_backend``."""

    serialize_as_secret_always = False
    _config: Config

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's config, which names the server; it never reaches a resource."""
        self._config = req.config

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate and canonicalise the inputs, and say what the change will do (``planned``)."""
        from pulumi_airbyte_wb.plan import explain
        from pulumi_airbyte_wb.providers.checking import check
        from pulumi_airbyte_wb.providers.console import Console
        from pulumi_airbyte_wb.providers.values import hide, secret_inputs, unknown_inputs

        checked = check(_olds, news, unknown_inputs(news), self._session)
        # The engine looks values up by top-level name only, so the sentence names the whole path itself.
        failures = [CheckFailure("", str(problem)) for problem in hide(checked.problems, news)]
        if not failures and not secret_inputs(news):
            console = Console(str(news.get("resource_urn", "")))
            for block in explain(checked.inputs.get("planned", {})):
                console.info(block)
        return CheckResult(checked.inputs, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is recorded with what is declared; asks nobody."""
        from pulumi_airbyte_wb.plan import read_inputs, unpack
        from pulumi_airbyte_wb.providers.values import unknown_inputs

        unknown = unknown_inputs(_news)
        old, new = unpack(_olds.get("recorded")), read_inputs(_news, unknown).declaration.record()
        old.pop("control", None)
        replaces = [
            name
            for name in ("source_id", "destination_id")
            if (name in unknown and _news.get("allow_replace")) or (name not in unknown and old[name] != new[name])
        ]
        changed = bool(replaces) or any(
            name in unknown or old.get(name) != new.get(name) for name in old.keys() | new.keys() | unknown
        )
        return DiffResult(changes=changed, replaces=replaces, delete_before_replace=True)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the connection, or take over the one that ``adopt`` names."""
        from pulumi_airbyte_wb.providers import executing, reading

        work = self._work(props)
        adopt = work.declaration.adopt
        if adopt:
            connection = reading.find(work.session, adopt, "")
            if connection is None:
                raise executing.gone(adopt)
            connection = executing.update(work, connection, None)
        else:
            connection = executing.create(work)
        return CreateResult(connection.connection_id, self._outputs(work, connection, props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the live connection: what was recorded of it, as it is now."""
        from pulumi_airbyte_wb.plan import read_inputs, unpack
        from pulumi_airbyte_wb.providers import reading

        record = unpack(props.get("recorded"))
        control = record.pop("control", {})
        recorded = read_inputs(record).declaration
        workspace = str(props.get("workspace_id", ""))
        session = self._session(recorded.server)
        connection = reading.find(session, id_, workspace)
        if connection is None:
            return ReadResult("", {})
        live = reading.refreshed(connection, recorded, reading.resumable(session, id_, recorded))
        outputs = reading.outputs(connection, live, workspace, control)
        return ReadResult(id_, outputs, inputs=reading.inputs(live, control))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Carry out what was announced, after a look at the live connection."""
        from pulumi_airbyte_wb.plan import read_inputs, unpack
        from pulumi_airbyte_wb.providers import executing, reading

        work = self._work(_news)
        recorded = read_inputs(unpack(_olds.get("recorded"))).declaration
        connection = reading.find(work.session, _id, str(_olds.get("workspace_id", "")))
        if connection is None:
            raise executing.gone(_id)
        connection = executing.update(work, connection, recorded)
        return UpdateResult(self._outputs(work, connection, _news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the connection; one that is gone already is as good."""
        from pulumi_airbyte_wb.plan import unpack
        from pulumi_airbyte_wb.providers import executing, reading

        session = self._session(str(unpack(_props.get("recorded")).get("server", "")))
        if reading.find(session, _id, str(_props.get("workspace_id", ""))) is not None:
            executing.delete(session, _id)

    def _session(self, server: str) -> Any:
        from pulumi_airbyte_wb.providers.session import session_for

        return session_for(self._config.get, server)

    def _work(self, props: dict[str, Any]) -> Any:
        from pulumi_airbyte_wb.plan import read_inputs
        from pulumi_airbyte_wb.providers.console import Console
        from pulumi_airbyte_wb.providers.executing import Work

        urn = str(props.get("resource_urn", ""))
        declaration = read_inputs(props).declaration
        session = self._session(declaration.server)
        return Work(session, Console(urn), declaration, props.get("planned") or {}, urn)

    def _outputs(self, work: Any, connection: Any, props: dict[str, Any]) -> dict[str, Any]:
        from pulumi_airbyte_wb.providers.reading import control_of, outputs

        workspace = work.session.source(connection.source_id).workspace_id or ""
        return outputs(connection, work.declaration, workspace, control_of(props))
