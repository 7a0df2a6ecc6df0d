"""``check`` against a server, without the engine."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.lifecycle.check import Checked, check_declaration
from pulumi_airbyte_wb.live.session import Session
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.spec.input_names import DERIVED
from tests.providers.engine import Resource

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION, "resource_urn": "urn:pulumi:s::p::t::one"}
COLUMNS = {"id": "integer", "at": "timestamp"}
WORLD: dict[str, Any] = {
    "workspaces": [{"name": "w", "workspaceId": "10000000-0000-4000-8000-000000000001"}],
    "sources": [
        {
            "name": "s",
            "sourceId": SOURCE,
            "streams": [{"name": "t", "namespace": space, "columns": COLUMNS} for space in ("a", "b")],
        }
    ],
    "destinations": [{"name": "d", "destinationId": DESTINATION, "family": "direct-load", "supportsRefreshes": True}],
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(WORLD) as running:
        yield running


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    """A fresh session, as each run of the provider has."""
    with AirbyteClient(ServerSettings(emulator.url)) as client:
        yield Session(client)


def checked(session: Session, news: dict[str, Any], olds: dict[str, Any] | None = None) -> Checked:
    return check_declaration(olds or {}, {**BASE, **news}, frozenset(), lambda server: session)


def test_two_streams_of_one_connection_must_not_share_a_table(session: Session) -> None:
    both = {"a.t": "full_refresh_overwrite", "b.t": "full_refresh_overwrite"}
    assert checked(session, {"streams": both}).problems == ()
    (problem,) = checked(session, {"streams": both, "namespace_definition": "destination"}).problems
    assert problem.path == 'streams["b.t"]'
    assert "writes the table t of the default namespace, as does a.t of the same connection" in problem.reason


def test_two_new_connections_must_not_share_a_table(session: Session) -> None:
    one = {"streams": {"a.t": "full_refresh_overwrite"}}
    assert checked(session, one).problems == ()
    assert checked(session, one).problems == (), "the same resource may be checked twice"
    other = {**one, "resource_urn": "urn:pulumi:s::p::t::two"}
    (problem,) = checked(session, other).problems
    assert "as does the connection 'one' of this program" in problem.reason
    assert checked(session, {**other, "prefix": "p_"}).problems == ()


def test_an_unchanged_declaration_asks_no_server(emulator: Emulator, session: Session) -> None:
    news = {
        "streams": {"a.t": "incremental_append cursor=at"},
        "tags": [DESTINATION, SOURCE],
        "schedule": "every 2 hour",
    }
    first = check_declaration({}, {**BASE, **news, "tags": None}, frozenset(), lambda server: session)
    assert first.problems == ()
    emulator.log.clear()
    again = checked(session, {**news, "tags": None}, first.inputs)
    assert again.inputs == first.inputs
    assert dict(emulator.log.counts) == {}


def test_checked_inputs_are_a_fixed_point(session: Session) -> None:
    """What check returns, given back as both sides, is returned unchanged: the engine may do that."""
    first = checked(session, {"streams": {"a.*": "full_refresh_overwrite"}, "name": "n"})
    assert first.inputs["patterns"] == {"a.*": "full_refresh_overwrite"}
    assert first.inputs["streams"] == {"a.t": "full_refresh_overwrite"}
    assert checked(session, first.inputs, first.inputs).inputs == first.inputs


def test_inputs_are_the_same_in_whatever_order_the_engine_passes_its_maps(session: Session) -> None:
    """The engine's maps have no order, so none may decide, not of overlapping patterns either."""
    news: dict[str, Any] = {
        "streams": {
            "a.*": "full_refresh_overwrite",
            "?.?": "full_refresh_append",
            "b.[s-u]": "incremental_append_dedup cursor=at key=id",
            "b.t*": "full_refresh_append",
        },
        "resets": {"overrides": {"a.t": "skip", "b.t": "reset"}, "default": "auto"},
        "resource_requirements": {"cpu_limit": "1", "memory_limit": "2"},
        "prefix": "p_",
    }
    rng, seen = random.Random(4), set()
    for _ in range(50):
        inputs = checked(session, shuffled(news, rng)).inputs
        seen.add(json.dumps(inputs, sort_keys=True))
        assert list(inputs["streams"]) == ["a.t", "b.t"]
    assert len(seen) == 1
    assert inputs["streams"] == {"a.t": "full_refresh_overwrite", "b.t": "full_refresh_append"}


def test_mistakes_are_the_same_in_whatever_order_the_engine_passes_its_maps(session: Session) -> None:
    rng, seen = random.Random(4), set()
    for streams in (
        {"a.t": "no", "b.t": "none"},
        {"a.t": "full_refresh_append", "c.d": "full_refresh_append", "c.t": "x"},
    ):
        for _ in range(50):
            problems = checked(session, shuffled({"streams": streams, "prefix": 1}, rng)).problems
            seen.add((*(str(problem) for problem in problems),))
    assert len(seen) == 2


def test_a_misspelt_override_is_an_error_at_once(session: Session) -> None:
    """Not only when the streams change next, which is when it would have counted."""
    news: dict[str, Any] = {
        "streams": {"a.t": "full_refresh_overwrite", "b.t": "full_refresh_overwrite"},
        "prefix": "o_",
    }
    first = checked(session, news).inputs
    (problem,) = checked(session, {**news, "resets": {"overrides": {"a.tt": "skip"}}}, first).problems
    assert str(problem) == "resets.overrides[\"a.tt\"]: 'a.tt' is no declared stream; did you mean 'a.t'?"
    assert checked(session, {**news, "resets": {"overrides": {"a.t": "skip"}}}, first).problems == ()


def test_an_override_may_outlive_its_stream(session: Session) -> None:
    resets = {"overrides": {"b.t": "skip"}}
    both = {"streams": {"a.t": "full_refresh_overwrite", "b.t": "full_refresh_overwrite"}, "prefix": "l_"}
    one = {**both, "streams": {"a.t": "full_refresh_overwrite"}, "resets": resets}
    first = checked(session, {**both, "resets": resets}).inputs
    second = checked(session, one, first)
    assert second.problems == ()
    assert checked(session, one, second.inputs).problems == ()


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same value, its maps in another order."""
    if not isinstance(value, dict):
        return value
    items = [(name, shuffled(item, rng)) for name, item in value.items()]
    rng.shuffle(items)
    return dict(items)


def test_what_a_refresh_found_on_the_server_is_no_damage(emulator: Emulator) -> None:
    """Another person gave the server what no program of ours may declare."""
    shop = Resource(emulator.url, "renamed")
    declared = {"source_id": SOURCE, "destination_id": DESTINATION, "name": "renamed", "streams": {}}
    shop.up(declared)
    with AirbyteClient(ServerSettings(emulator.url)) as client:
        client.update_connection(ConnectionUpdate(connection_id=shop.id, name="re\tnamed"))
    shop.refresh()
    assert shop.inputs["name"] == "re\tnamed"
    assert shop.changed(declared)
    shop.up(declared)
    with AirbyteClient(ServerSettings(emulator.url)) as client:
        assert client.get_connection(shop.id).name == "renamed"
    shop.refresh()
    assert not shop.changed(declared)


def test_what_a_check_keeps_of_secret_inputs_is_read_back(session: Session) -> None:
    """Each note stands there, empty, so that the engine keeps what gets its name later secret too."""
    news = {"streams": {"a.t": "full_refresh_overwrite"}, "name": "hush", "secret_inputs": ["name"]}
    first = checked(session, news)
    assert first.problems == ()
    assert first.inputs.keys() >= set(DERIVED)
    assert checked(session, {**news, "name": "hush2"}, first.inputs).problems == ()
