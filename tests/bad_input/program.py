"""One declaration from the program to the provider's check, without the engine: what is said, and by whom."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import pulumi
from pulumi.dynamic import ConfigureRequest, ResourceProvider
from pulumi.dynamic.config import Config
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.settings import SETTINGS

import pulumi_airbyte_wb as airbyte
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.operation import OperationProvider
from pulumi_airbyte_wb.providers.process import process

KINDS: dict[str, tuple[Callable[..., Any], type[ResourceProvider]]] = {
    "Connection": (airbyte.Connection, ConnectionProvider),
    "Catalog": (airbyte.Catalog, CatalogProvider),
    "Operation": (airbyte.Operation, OperationProvider),
}


@dataclass(frozen=True)
class Later:
    """Stands in a declaration for an Output, which exists only while a program runs."""

    value: Any
    secret: bool = False


@dataclass(frozen=True)
class Said:
    """What a declaration was answered with.

    Attributes:
        by: ``program`` or ``check``; ``none`` where it was accepted.
        words: the sentences.
        inputs: what the check would keep.
    """

    by: str
    words: tuple[str, ...] = ()
    inputs: Mapping[str, Any] | None = None


class _Taken(Mocks):
    def __init__(self) -> None:
        self.bags: list[dict[str, Any]] = []

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], None]:
        return {}, None

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.bags.append(dict(args.inputs))
        return f"{args.name}-id", dict(args.inputs)


def declare(kind: str, arguments: Mapping[str, Any], config: Mapping[str, str]) -> Said:
    """Run a program with one resource, then check what it passes on, as a preview does."""
    resource, provider_class = KINDS[kind]
    taken = _Taken()

    def program() -> None:
        resource("shop", **{name: _now(value) for name, value in arguments.items()})

    try:
        _run(program, taken)
    except pulumi.RunError as refused:
        return Said("program", (str(refused),))
    (bag,) = taken.bags
    process.forget_runs()
    provider = provider_class()
    provider.configure(ConfigureRequest(config=Config(dict(config), "p")))
    result = provider.check({}, json.loads(json.dumps(bag)))
    if result.failures:
        return Said("check", tuple(failure.reason for failure in result.failures))
    return Said("none", inputs=result.inputs)


def _run(program: Callable[[], None], mocks: Mocks) -> None:
    def run() -> None:
        pulumi.runtime.set_mocks(mocks)
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]

    apart(run)


def apart(call: Callable[[], Any]) -> Any:
    """Call something where Pulumi knows nothing of earlier tests, in an event loop of its own.

    The loop's end cancels what a refused program leaves waiting, and ends the threads that answer as the engine does.
    """

    def run() -> Any:
        SETTINGS.monitor = None
        return call()

    with asyncio.Runner() as runner:
        # Pulumi leaves the exception of a failed resource with each of its outputs, which is not asked for here.
        runner.get_loop().set_exception_handler(lambda *_: None)
        return contextvars.Context().run(run)


def _now(value: Any) -> Any:
    if isinstance(value, Later):
        start = pulumi.Output.secret("") if value.secret else pulumi.Output.from_input("")
        return start.apply(lambda _: value.value)
    if isinstance(value, dict):
        return {name: _now(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_now(item) for item in value]
    return value() if isinstance(value, FunctionType) else value
