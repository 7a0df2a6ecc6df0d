"""The short way for a connection that is declared as it is recorded: it answers as the long one, and hides nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pulumi.dynamic.config import Config

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.providers import base
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.providers.unchanged import is_same, kept
from tests.providers.engine import Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, declare
from tools.engine import new_run, plain, this_run

PROGRAMS: list[dict[str, Any]] = [
    declare({"public.users": USERS, "public.events": EVENTS}),
    declare({"public.users": USERS}, prefix="a_", schedule="every 24 hours", status="inactive", name="Another"),
    declare({"public.orders": ORDERS}, resets={"default": "skip", "wait": "job"}, on_remove="clear"),
    declare({"public.users": USERS}, exclusive=True, schema_changes="keep", allow_replace=True),
    declare({}),
]
MORE: list[dict[str, Any]] = [
    declare({"public.*": ORDERS}),
    declare({"public.users": USERS}, resets={"permits": ["public.users AWB220 2999-01-31"]}),
    declare({"public.users": USERS}, secret_inputs=["prefix"], prefix="a_"),
    declare({"public.users": USERS}, secret_inputs=[], secret_streams=["public.users"]),
]


def getter(server: Emulator) -> Any:
    return Config({"airbyte-wb:url": server.url}, "p").get


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("after", ["up", "refresh"])
def test_it_answers_as_the_long_way(server: Emulator, shop: Resource, program: dict[str, Any], after: str) -> None:
    shop.up(program)
    if after == "refresh":
        assert not shop.refresh()
    get, news = getter(server), {**program, "resource_urn": shop.urn}
    new_run(server.url)
    short = kept(plain(shop.inputs), plain(news), get)
    new_run(server.url)
    long = base.check(plain(shop.inputs), plain(news), get)
    assert (short, []) == (long.inputs, long.failures)
    assert is_same(shop.id, plain(shop.outputs), plain(long.inputs), get)
    assert not base.compare(shop.id, plain(shop.outputs), plain(long.inputs), get).changes


@pytest.mark.parametrize("program", MORE)
def test_what_takes_more_than_a_comparison_goes_the_long_way(
    server: Emulator, shop: Resource, program: dict[str, Any]
) -> None:
    shop.up(program)
    new_run(server.url)
    assert kept(plain(shop.inputs), {**program, "resource_urn": shop.urn}, getter(server)) is None
    assert not shop.changed(program)


@pytest.mark.parametrize("name", ["memory", "patterns", "adopt", "secret_inputs", "secret_streams"])
@pytest.mark.parametrize("side", ["olds", "news"])
def test_what_is_remembered_goes_the_long_way(server: Emulator, shop: Resource, name: str, side: str) -> None:
    shop.up(PROGRAMS[0])
    get, inputs = getter(server), plain(shop.inputs)
    assert kept(inputs, inputs, get) is not None
    more = {**inputs, name: {"a": "b"}}
    assert kept(more if side == "olds" else inputs, more if side == "news" else inputs, get) is None
    assert not is_same(shop.id, plain(shop.outputs), more, get)


@pytest.mark.parametrize("changed", [{"prefix": "b_"}, {"streams": {}}, {"on_remove": "clear"}, {"unheard": 1}])
def test_a_change_goes_the_long_way(server: Emulator, shop: Resource, changed: dict[str, Any]) -> None:
    shop.up(PROGRAMS[0])
    get, inputs = getter(server), plain(shop.inputs)
    assert kept(inputs, {**inputs, **changed}, get) is None
    assert kept({**inputs, **changed}, inputs, get) is None
    assert kept({}, inputs, get) is None
    assert not is_same(shop.id, plain(shop.outputs), {**inputs, **changed}, get)


def test_a_damaged_record_is_told(server: Emulator, shop: Resource) -> None:
    shop.up(PROGRAMS[0])
    with pytest.raises(PlanError, match="damaged"):
        is_same(shop.id, {**shop.outputs, "recorded": "2:x"}, plain(shop.inputs), getter(server))


def test_others_of_the_run_know_of_it(server: Emulator, shop: Resource) -> None:
    """Its streams are its own, although no server was asked when it had its turn."""
    shop.up(PROGRAMS[0])
    other = Resource(server.url, "other")
    other.up(declare({"public.orders": ORDERS}, adopt=shop.id))
    new_run(server.url)
    assert not this_run(server.url).changes(shop, PROGRAMS[0])
    assert process.untold
    with pytest.raises(PlanError, match=r"is that of shop and of other; keep it in one of them"):
        this_run(server.url).changes(other, declare({"public.orders": ORDERS}, adopt=shop.id, prefix="x_"))
    assert not process.untold


@pytest.mark.process
def test_nothing_that_plans_or_asks_is_imported(server: Emulator, shop: Resource) -> None:
    shop.up(PROGRAMS[0])
    program = f"""
import sys
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
provider = ConnectionProvider()
provider.configure(ConfigureRequest(config=Config({{}}, "p")))
inputs, outputs = {plain(shop.inputs)!r}, {plain(shop.outputs)!r}
checked = provider.check(inputs, inputs)
assert not provider.diff({shop.id!r}, outputs, checked.inputs).changes
ours = {{name.split(".")[1] for name in sys.modules if name.startswith("pulumi_airbyte_wb.")}}
print(sorted({{"httpx", "pydantic", "rich", "stamina"}} & sys.modules.keys()))
print(sorted(ours & {{"api", "lifecycle", "plan"}}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]
