"""Two inline programs of the Automation API in one process: neither knows of the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import stamina.instrumentation
from pulumi import automation as auto

import pulumi_airbyte_wb as airbyte
from pulumi_airbyte_wb.emulator import Emulator
from tests.engine import environment
from tools.builtin_world import SHOP, WAREHOUSE

pytestmark = pytest.mark.engine

Program = Callable[[], None]


def program(name: str, key: str, meanwhile: Barrier | None = None) -> Program:
    def declares() -> None:
        source = airbyte.get_source(source_id=SHOP)
        if meanwhile is not None:
            meanwhile.wait(60)
        airbyte.Connection(
            name,
            source_id=source.source_id,
            destination_id=WAREHOUSE,
            prefix=f"{name}_",
            streams=[airbyte.stream("public.users", "incremental_append_dedup", cursor="updated_at", key=key)],
        )

    return declares


def stack(name: str, declares: Program, folder: Path, url: str) -> auto.Stack:
    settings = auto.LocalWorkspaceOptions(
        env_vars=environment(folder), project_settings=auto.ProjectSettings(name=name, runtime="python")
    )
    made = auto.create_or_select_stack("dev", project_name=name, program=declares, opts=settings)
    made.set_config("airbyte-wb:url", auto.ConfigValue(url))
    return made


def summary(shown: str) -> list[str]:
    lines = [line.strip() for line in shown.splitlines()]
    return [line for line in lines if line.startswith("public.users of ")]


def test_programs_of_one_process_stay_apart(tmp_path: Path, server: Emulator) -> None:
    def hook(_details: object) -> None:
        """The user's own."""

    stamina.instrumentation.set_on_retry_hooks([hook])  # type: ignore[list-item]
    try:
        one, two = (stack(name, program(name, "id"), tmp_path / name, server.url) for name in _folders(tmp_path))
        for each in (one, two):
            each.up()
        for connection in server.connection_ids():
            server.sync(connection)
        # one after the other
        for name, each in (("one", one), ("two", two)):
            each.workspace.program = program(name, "email")
            assert set(summary(each.preview().stdout)) == {f"public.users of {name}"}
        # side by side: both programs run at the same time
        both = Barrier(2)
        for name, each in (("one", one), ("two", two)):
            each.workspace.program = program(name, "email", both)
        with ThreadPoolExecutor(2) as threads:
            shown = list(threads.map(lambda each: each.preview().stdout, (one, two)))
        assert [set(summary(text)) for text in shown] == [{"public.users of one"}, {"public.users of two"}]
        assert stamina.instrumentation.get_on_retry_hooks() == (hook,)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)


def _folders(path: Path) -> tuple[str, str]:
    for name in ("one", "two"):
        (path / name / "backend").mkdir(parents=True)
    return "one", "two"
