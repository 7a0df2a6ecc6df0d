"""The provider of ``Operation``.

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

from pulumi_airbyte_wb.providers.advice import advised


class OperationProvider(ResourceProvider):
    """Maps an operation to ``operations/{create,get,update,delete}``."""

    serialize_as_secret_always = False
    _config: Config

    def configure(self, req: ConfigureRequest) -> None:
        """Keep the stack's config, which names the server; it never reaches a resource."""
        self._config = req.config

    @advised
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Validate and canonicalise the inputs; one that changes is held against the server's version too."""
        from pulumi_airbyte_wb.errors import AirbyteError
        from pulumi_airbyte_wb.lifecycle.operation import check
        from pulumi_airbyte_wb.providers.advice import advice
        from pulumi_airbyte_wb.providers.bag import hide, unknown_inputs

        try:
            inputs, problems = check(_olds, news, unknown_inputs(news), self._session)
        except AirbyteError as error:
            return CheckResult(news, [CheckFailure("", advice(error))])
        return CheckResult(inputs, [CheckFailure("", str(problem)) for problem in hide(problems, _olds, news)])

    @advised
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is recorded with what is declared; asks no server."""
        from pulumi_airbyte_wb.errors import DeclarationError
        from pulumi_airbyte_wb.lifecycle.operation import read_operation, recorded
        from pulumi_airbyte_wb.providers.bag import unknown_inputs

        unknown = unknown_inputs(_news)
        old = recorded(_olds).record()
        try:
            new = read_operation(_news, unknown).record()
        except DeclarationError:
            # A refresh compares with the inputs in state, which a person has edited: a check lets none such through.
            return DiffResult(changes=True)
        moved = "workspace_id" in unknown or old["workspace_id"] != new["workspace_id"]
        changed = bool(unknown) or any(old.get(name) != new.get(name) for name in ("workspace_id", "name", "line"))
        return DiffResult(changes=changed, replaces=["workspace_id"] if moved else [], delete_before_replace=False)

    @advised
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the operation."""
        from pulumi_airbyte_wb.lifecycle import operation as lifecycle

        declared = lifecycle.read_operation(props)
        operation = lifecycle.create(self._session(declared.server), declared)
        return CreateResult(operation.operation_id, lifecycle.outputs(operation, declared))

    @advised
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the live operation."""
        from pulumi_airbyte_wb.lifecycle import operation as lifecycle

        recorded = lifecycle.recorded(props)
        operation = lifecycle.find(self._session(recorded.server), id_, recorded.workspace_id)
        if operation is None:
            return ReadResult("", {})
        live = lifecycle.observed(operation, recorded)
        return ReadResult(id_, lifecycle.outputs(operation, live), inputs=lifecycle.inputs(live))

    @advised
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Replace name and configuration."""
        from pulumi_airbyte_wb.lifecycle import operation as lifecycle

        declared = lifecycle.read_operation(_news)
        operation = lifecycle.update(self._session(declared.server), _id, declared)
        return UpdateResult(lifecycle.outputs(operation, declared))

    @advised
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Detach the operation from every connection and delete it; one that is gone already is as good."""
        from pulumi_airbyte_wb.lifecycle import operation as lifecycle
        from pulumi_airbyte_wb.providers.console import Console

        recorded = lifecycle.recorded(_props)
        lifecycle.delete(self._session(recorded.server), Console(recorded.urn), _id, recorded)

    def _session(self, server: str) -> Any:
        from pulumi_airbyte_wb.providers.process import process

        return process.sessions.get(self._config.get, server)
