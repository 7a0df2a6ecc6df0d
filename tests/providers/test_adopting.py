"""Taking over first, changing next: an adoption sends nothing, and the next run does what the program wishes."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import BlockedError, DriftedError
from pulumi_airbyte_wb.models import ConnectionUpdate
from pulumi_airbyte_wb.plan import Action, Operation, Plan, planned_of
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.providers.operation import OperationProvider
from pulumi_airbyte_wb.spec.codes import Code
from tests.main_job.conftest import WORKSPACE
from tests.providers.engine import RefusedError, Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare, kinds, rows, selected, without_refreshes
from tools.engine import new_run

WAIT = {"wait": "job"}
BY_EMAIL = USERS.replace("key=id", "key=email")
READS = ("get", "list", "search", "discover_schema", "health", "instance_configuration")
CONFIG = "50000000-0000-4000-8000-000000000001"


def webhook(name: str, job: int) -> dict[str, Any]:
    return {"name": name, "webhook": {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 1, "job_id": job}}}


@pytest.fixture
def theirs(server: Emulator, shop: Resource) -> str:
    """A connection that a person made, with two streams that have synced."""
    shop.up(declare({"public.users": USERS, "public.events": EVENTS}))
    server.sync(shop.id)
    return shop.id


@pytest.fixture
def adopted(server: Emulator) -> Resource:
    return Resource(server.url, "adopted")


def writes(server: Emulator) -> list[str]:
    """What was asked of the server that is no read."""
    return sorted(path for path, n in server.log.counts.items() if n and not path.rpartition("/")[2].startswith(READS))


def wished(resource: Resource) -> Plan:
    """What the run that took over has left to the next one."""
    plan = planned_of(resource.inputs)
    assert plan.operation in {Operation.ADOPT, Operation.ATTACH}
    assert plan.next_run is not None
    return plan.next_run


ARGUMENTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "fields": {"prefix": "x_", "name": "mine", "schedule": "cron 0 0 6 * * ? UTC"},
    "exclusive": {"exclusive": True},
    "operations": {"operations": [webhook("one", 1)]},
    "status": {"status": "inactive"},
    "on_remove": {"on_remove": "clear", "exclusive": True},
    "permission": {"resets": {"permits": ["public.orders AWB206 once"], **WAIT}},
    "running": {"resets": {"running": "cancel", "wait": "filled"}},
    "server": {"resets": {"default": "server"}},
    "schema_changes": {"schema_changes": "accept"},
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_an_adoption_only_reads(server: Emulator, theirs: str, adopted: Resource, arguments: dict[str, Any]) -> None:
    news = declare({"public.users": BY_EMAIL, "public.orders": ORDERS}, adopt=theirs, **arguments)
    server.log.clear()
    adopted.preview(news)
    adopted.up(news)
    assert writes(server) == []
    assert kinds(server, theirs) == ["sync"]
    assert adopted.inputs["streams"]["public.users"] == USERS
    assert "public.orders" not in adopted.inputs["streams"]
    shown = adopted.preview(news)
    assert not adopted.refresh(), "a refresh right after it finds nothing new"
    assert adopted.preview(news) == shown
    assert adopted.inputs["adopt"] == theirs


def test_the_next_run_does_the_work(server: Emulator, api: AirbyteClient, theirs: str, adopted: Resource) -> None:
    news = declare({"public.users": BY_EMAIL, "public.orders": ORDERS}, adopt=theirs, prefix="", resets=WAIT)
    first = adopted.preview(news)
    assert first["*"] == f"AWB101 adopt: takes over connection {theirs} ('shop') as it is; nothing is sent in this run"
    assert first.keys() == {"*", "next public.users", "next public.orders"}
    adopted.up(news)
    second = adopted.preview(news)
    assert second["public.users"].startswith("AWB220 truncate: key id => email")
    assert {f"next {stream}": text for stream, text in second.items()} == {k: v for k, v in first.items() if k != "*"}
    adopted.up(news)
    assert kinds(server, theirs) == ["sync", "refresh"]
    assert selected(api, theirs) == {"users", "events", "orders"}
    assert not adopted.changed(news)
    assert not adopted.refresh()


def test_an_adoption_of_what_is_as_declared_is_done_in_one_run(
    server: Emulator, theirs: str, adopted: Resource
) -> None:
    news = declare({"public.users": USERS, "public.ev*": EVENTS}, adopt=theirs)
    adopted.up(news)
    assert planned_of(adopted.inputs).next_run is None
    assert not adopted.changed(news)
    assert not adopted.refresh()
    assert not adopted.changed(news)


def test_a_pattern_that_names_more_than_is_live_is_looked_up_by_the_next_run(
    api: AirbyteClient, theirs: str, adopted: Resource
) -> None:
    news = declare({"public.dim_*": ORDERS, "public.users": USERS}, adopt=theirs)
    adopted.up(news)
    assert not adopted.refresh()
    assert {"public.dim_country", "public.dim_currency"} <= adopted.preview(news).keys()
    adopted.up(news)
    assert {"dim_country", "dim_currency"} <= selected(api, theirs)
    assert not adopted.changed(news)


def test_a_permission_for_one_run_is_not_spent_by_taking_over(
    server: Emulator, api: AirbyteClient, theirs: str, adopted: Resource
) -> None:
    news = declare(
        {"public.events": "incremental_append cursor=user_id"}, adopt=theirs,
        resets={"permits": ["public.events AWB210 once"], **WAIT},
    )  # fmt: skip
    adopted.up(news)
    assert wished(adopted).actions() != {}
    assert adopted.preview(news)["public.events"].startswith("AWB210 truncate")
    adopted.up(news)
    assert kinds(server, theirs) == ["sync", "refresh"]
    back = {**news, "streams": {"public.events": EVENTS}}
    with pytest.raises(RefusedError, match="AWB210"):
        adopted.preview(back)


def test_what_is_blocked_blocks_the_next_run_alone(theirs: str, adopted: Resource) -> None:
    news = declare({"public.events": "incremental_append cursor=user_id"}, adopt=theirs)
    assert adopted.preview(news)["next public.events"].startswith("AWB210 block")
    adopted.up(news)
    assert wished(adopted).is_blocked
    assert not planned_of(adopted.inputs).is_blocked
    with pytest.raises(RefusedError, match="AWB210"):
        adopted.preview(news)


def test_what_is_declared_is_kept_where_it_is_not_on_the_server(theirs: str, adopted: Resource) -> None:
    """What a person has set may be nothing that a program can declare."""
    news = declare({"public.users": USERS}, adopt=theirs, prefix="x_", name="mine", status="active")
    adopted.up(news)
    assert (adopted.inputs["prefix"], adopted.inputs["name"]) == ("", "shop")
    assert adopted.outputs["name"] == "shop"
    assert wished(adopted).fields == {"prefix": ("", "x_"), "name": ("shop", "mine")}


def test_an_attached_operation_is_attached_by_the_next_run(
    server: Emulator, api: AirbyteClient, theirs: str, adopted: Resource
) -> None:
    tests = Resource(server.url, "tests", OperationProvider)
    tests.up({"workspace_id": WORKSPACE, **webhook("tests", 1)})
    news = declare({"public.users": USERS}, adopt=theirs, operation_ids=[tests.id], operations=[webhook("one", 1)])
    server.log.clear()
    adopted.up(news)
    assert writes(server) == []
    assert not adopted.refresh()
    adopted.up(news)
    assert sorted(each.name for each in api.get_connection(theirs).operations) == ["one", "tests"]
    assert not adopted.changed(news)


@pytest.mark.parametrize("moved", ["stream", "field", "other stream"])
def test_what_moves_between_check_and_create_is_not_taken_over(
    server: Emulator, api: AirbyteClient, theirs: str, adopted: Resource, moved: str
) -> None:
    news = declare({"public.users": USERS}, adopt=theirs, prefix="x_")

    def move() -> None:
        if moved == "field":
            api.update_connection(ConnectionUpdate(connection_id=theirs, prefix="y_"))
        elif moved == "stream":
            configure(api, theirs, "users", primary_key=[["email"]])
        else:
            configure(api, theirs, "events", selected=False)

    words = {"field": "prefix", "stream": r"public\.users", "other stream": r"public\.events"}
    with pytest.raises(DriftedError, match=rf"was changed by another tool or person .*\({words[moved]}\)"):
        adopted.up(news, meanwhile=move)
    assert adopted.id == ""
    adopted.up(news)
    assert adopted.id == theirs


def test_what_the_next_run_changes_is_told_at_the_end(
    monkeypatch: pytest.MonkeyPatch, theirs: str, adopted: Resource
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(Console, "info", lambda console, message: lines.append(message))
    news = declare({"public.users": BY_EMAIL, "public.orders": ORDERS}, adopt=theirs, name="mine")
    adopted.preview(news)
    told = "the next `pulumi up` changes: name 'shop' => 'mine', public.orders, public.users"
    assert lines[-1] == told
    adopted.up(news)
    assert lines[-1] == f"taken over as it is; {told}"
    other = declare({"public.events": "incremental_append cursor=user_id"}, adopt=theirs)
    Resource(adopted.url, "other").preview(other)
    assert lines[-1] == "the next `pulumi up` changes: public.events (blocked)"


def test_an_adopted_connection_is_exclusive_by_the_next_run(
    server: Emulator, api: AirbyteClient, theirs: str, adopted: Resource
) -> None:
    news = declare({"public.users": USERS}, adopt=theirs, exclusive=True, on_remove="clear", resets=WAIT)
    adopted.up(news)
    assert adopted.inputs["streams"].keys() == {"public.users", "public.events"}
    assert rows(server, "events") == 10
    adopted.up(news)
    assert selected(api, theirs) == {"users"}
    assert rows(server, "events") == 0


def test_what_is_secret_stays_so_in_what_is_left_to_the_next_run(
    monkeypatch: pytest.MonkeyPatch, theirs: str, adopted: Resource
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Console, "info", lambda console, message: told.append(message))
    news = declare({"public.users": BY_EMAIL}, adopt=theirs, prefix="s3cret_", name="n4me")
    news |= {"secret_inputs": ["prefix", "name"], "secret_streams": ["public.users"]}
    adopted.up(news)
    shown = str(adopted.inputs["planned"]) + "".join(told)
    assert "prefix [secret] => [secret], public.events, public.users" in told[-1]
    assert not [value for value in ("s3cret", "n4me", "'shop'", "email") if value in shown]


def test_nothing_stands_beside_a_connection_that_is_taken_over(
    server: Emulator, theirs: str, adopted: Resource
) -> None:
    news = declare({"public.users": BY_EMAIL}, adopt=theirs, resets=WAIT)
    for _ in range(2):
        adopted.up(news)
    assert [each["name"] for each in server.server.connections()] == ["shop"]


def test_what_a_run_has_taken_over_is_not_deleted_by_it(
    monkeypatch: pytest.MonkeyPatch, api: AirbyteClient, theirs: str, adopted: Resource
) -> None:
    """Where the state cannot be asked, a forced replacement takes the connection over once more, and then deletes."""
    told: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda console, message: told.append(message))
    news = declare({"public.users": USERS}, adopt=theirs)
    adopted.up(news)
    old = adopted.copy()
    run = new_run(adopted.url)
    run.create(adopted, run.check(adopted, news, as_new=True))
    run.calls.delete(old)
    assert api.get_connection(theirs).status == "active"
    assert told == [f"connection {theirs} was taken over, not created, and is left as it is"]
    # What such a run has left to be deleted when it died.
    run = new_run(adopted.url)
    run.check(adopted, news)
    run.calls.delete(old)
    assert api.get_connection(theirs).status == "active"
    adopted.destroy()
    assert api.get_connection(theirs).deleted


@pytest.mark.parametrize("shape", ["adopt", "catalog"])
def test_a_replacement_in_the_same_run_is_blocked(
    api: AirbyteClient, theirs: str, adopted: Resource, part: Resource, shape: str
) -> None:
    resource, news = (
        (adopted, declare({"public.users": USERS}, adopt=theirs))
        if shape == "adopt"
        else (part, {"connection_id": theirs, "streams": {"public.users": USERS}, "on_delete": "remove"})
    )
    resource.up(news)
    run = new_run(resource.url)
    run.check(resource, news)
    checked = run.check(resource, news, as_new=True)
    plan = planned_of(checked)
    assert [(each.code, each.names) for each in plan.obstacles] == [(Code.REPLACEMENT_FORCED, (theirs,))]
    with pytest.raises(BlockedError, match="it is not replaced"):
        run.create(resource, checked)
    with pytest.raises(BlockedError, match="it is not replaced"):
        run.calls.delete(resource)
    assert selected(api, theirs) == {"users", "events"}


def test_a_replacement_that_no_look_at_the_state_has_shown_deletes_nothing(api: AirbyteClient, shop: Resource) -> None:
    """The engine checks it as new, and would delete it first: the state could not be read, so that no plan says so."""
    news = declare({"public.users": USERS})
    shop.up(news)
    other = {**news, "name": "other", "prefix": "other_"}
    run = new_run(shop.url)
    assert not planned_of(run.check(shop, other, as_new=True)).obstacles
    with pytest.raises(BlockedError, match="it is not replaced"):
        run.calls.delete(shop)
    assert not api.get_connection(shop.id).deleted
    allowed = {**other, "allow_replace": True}
    run = new_run(shop.url)
    run.check(shop, allowed, as_new=True)
    run.calls.delete(shop)
    assert api.get_connection(shop.id).deleted


# ---- a new Catalog ---------------------------------------------------------------------------------------------------


@pytest.fixture
def part(server: Emulator) -> Resource:
    return Resource(server.url, "part", CatalogProvider)


def test_a_new_catalog_takes_over_what_is_there_and_adds_what_is_free(
    server: Emulator, api: AirbyteClient, theirs: str, part: Resource
) -> None:
    streams = {"public.users": BY_EMAIL, "public.orders": ORDERS}
    news = {"connection_id": theirs, "streams": streams, "resets": WAIT}
    assert part.preview(news).keys() == {"*", "public.orders", "next public.users"}
    part.up(news)
    assert selected(api, theirs) == {"users", "events", "orders"}
    assert kinds(server, theirs) == ["sync"]
    assert part.inputs["streams"] == {"public.users": USERS, "public.orders": ORDERS}
    assert not part.refresh()
    assert part.preview(news).keys() == {"public.users"}
    part.up(news)
    assert kinds(server, theirs) == ["sync", "refresh"]
    assert not part.changed(news)
    assert not part.refresh()


@pytest.mark.parametrize("more", [{}, {"exclusive": True}, {"on_remove": "clear", "exclusive": True}])
def test_a_new_catalog_of_streams_that_are_there_only_reads(
    server: Emulator, api: AirbyteClient, theirs: str, part: Resource, more: dict[str, Any]
) -> None:
    news = {"connection_id": theirs, "streams": {"public.users": BY_EMAIL}, **more}
    server.log.clear()
    part.up(news)
    assert writes(server) == []
    assert not part.refresh()
    assert part.changed(news)
    part.up(news)
    assert not part.changed(news)
    assert selected(api, theirs) == ({"users"} if more else {"users", "events"})


@pytest.mark.parametrize("reset", [False, True])
def test_a_table_that_was_filled_before_waits_for_the_second_run(*, reset: bool) -> None:
    with Emulator(without_refreshes()) as server, AirbyteClient(ServerSettings(server.url)) as api:
        server.set_speed(10_000)
        earlier, shop = Resource(server.url, "earlier"), Resource(server.url)
        earlier.up(declare({"public.users": USERS, "public.events": EVENTS}))
        server.sync(earlier.id)
        earlier.destroy()
        shop.up(declare(None))
        resets = {**WAIT, "overrides": {"public.events": "reset"}} if reset else WAIT
        streams = {"public.events": EVENTS, "public.orders": ORDERS}
        part, news = Resource(server.url, "part", CatalogProvider), {"connection_id": shop.id, "streams": streams}
        news |= {"resets": resets}
        part.up(news)
        assert selected(api, shop.id) == {"orders"}
        (effect,) = wished(part).effects
        assert (effect.stream.key, effect.action) == ("public.events", Action.CLEAR if reset else Action.BLOCK)
        assert not part.refresh()
        if not reset:
            with pytest.raises(RefusedError, match=r"public\.events"):
                part.up(news)
            return
        part.up(news)
        assert selected(api, shop.id) == {"orders", "events"}
        assert kinds(server, shop.id) == ["reset_connection", "sync"]
        assert rows(server, "events") == 10
        assert not part.changed(news)


def test_a_stream_that_moves_while_a_catalog_begins_is_not_written(
    server: Emulator, api: AirbyteClient, theirs: str, part: Resource
) -> None:
    """The update that adds the others would write it back."""
    news = {"connection_id": theirs, "streams": {"public.users": USERS, "public.orders": ORDERS}}
    with pytest.raises(DriftedError, match=r"\(public\.users\)"):
        part.up(news, meanwhile=lambda: configure(api, theirs, "users", sync_mode="full_refresh"))
    assert selected(api, theirs) == {"users", "events"}


def test_a_catalog_of_another_connection_takes_over_there_first(
    server: Emulator, api: AirbyteClient, theirs: str, part: Resource
) -> None:
    second = Resource(server.url, "second")
    second.up(declare({"public.users": BY_EMAIL}, prefix="b_"))
    server.sync(second.id)
    part.up({"connection_id": theirs, "streams": {"public.users": USERS}})
    news = {"connection_id": second.id, "streams": {"public.users": USERS}, "resets": WAIT}
    assert part.preview(news).keys() == {"*", "next public.users"}
    part.up(news)
    assert part.id == second.id
    assert kinds(server, second.id) == ["sync"]
    part.up(news)
    assert kinds(server, second.id) == ["sync", "refresh"]
    assert selected(api, theirs) == {"users", "events"}


def test_what_an_adoption_needs_stands_under_its_codes(theirs: str, adopted: Resource) -> None:
    plan = planned_of(_checked(adopted, declare({"public.users": BY_EMAIL}, adopt=theirs)))
    assert plan.next_run is not None
    assert [each.code for each in plan.next_run.effects] == [Code.KEY_CHANGED]
    assert (plan.effects, plan.actions(), plan.is_blocked) == ((), {}, False)


def _checked(resource: Resource, news: dict[str, Any]) -> dict[str, Any]:
    return new_run(resource.url).check(resource, news, as_new=True)
