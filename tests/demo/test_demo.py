"""`make demo` on a terminal: what it checks is data, whatever is painted."""

from __future__ import annotations

import os
import sys

import pexpect
import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan.changes import ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.plan.codec import encode
from pulumi_airbyte_wb.plan.codes import Code
from pulumi_airbyte_wb.plan.effects import Action, Effect
from pulumi_airbyte_wb.plan.plan import Operation, Plan
from tests.engine import cli_folder
from tools.demo.stage import CONNECTION, Run
from tools.docs.place import ROOT

URN = f"urn:pulumi:dev::shop::{CONNECTION}::shop-to-warehouse"


@pytest.mark.engine
@pytest.mark.timeout(1200)  # a minute alone, much more beside other tests
def test_the_demo_passes_on_a_terminal_of_80_columns() -> None:
    path = os.pathsep.join([str(cli_folder()), os.environ["PATH"]])
    plain = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    demo = pexpect.spawn(
        sys.executable,
        ["-m", "tools.demo"],
        cwd=str(ROOT),
        env={**plain, "PATH": path, "TERM": "xterm-256color"},
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=1200,
    )
    demo.expect(pexpect.EOF)
    demo.close()
    assert demo.exitstatus == 0, demo.before
    assert "\x1b[" in demo.before
    assert "FAILED" not in demo.before


@pytest.mark.parametrize("paint", ["{}", "<{%reset%}>{}<{%reset%}>", "\x1b[0m{}\x1b[0m"])
def test_colours_change_nothing_that_is_checked(paint: str) -> None:
    told = {"urn": URN, "message": paint.replace("{}", "public.users: refresh [AWB220]")}
    passing = {"urn": URN, "message": paint.replace("{}", "3 records"), "ephemeral": True}
    key = ChangeKey(StreamDescriptor("public", "users"), Kind.KEY)
    plan = Plan(Operation.UPDATE, effects=(Effect(key, Code.KEY_CHANGED, Action.TRUNCATE, Detail(What.KEY)),))
    step = {"op": "update", "type": CONNECTION, "new": {"inputs": {"planned": encode(plan)}}}
    run = Run([
        {"resourcePreEvent": {"metadata": step}}, {"diagnosticEvent": told}, {"diagnosticEvent": passing}
    ])  # fmt: skip
    assert run.changes == {"update": 1}
    assert run.effects == [("public.users", "AWB220", "truncate")]
    assert run.progress == 1
