"""How many requests a run sends: each thing is asked for once, and no answer grows with the workspace."""

from __future__ import annotations

from collections import Counter

from pulumi_airbyte_wb.emulator import Emulator
from tests.providers.engine import Resource
from tests.providers.shop import EVENTS, USERS, declare

SHARED = {
    "sources/get",
    "destinations/get",
    "connections/list_all",
    "actor_definition_versions/get_for_destination",
    "instance_configuration",
    "sources/discover_schema",
}
"""What a run asks once, for all of its resources together."""
KEY = {"public.users": USERS.replace("key=id", "key=id,name"), "public.events": EVENTS}


def sent(server: Emulator) -> Counter[str]:
    """The requests since the last look, by what they ask."""
    paths = Counter(request.path for request in server.log.requests)
    server.log.clear()
    return paths


def test_creating_costs_three_requests_a_connection_beside_what_a_run_shares(server: Emulator) -> None:
    streams = declare({"public.users": USERS})
    server.log.clear()
    for number in range(5):
        Resource(server.url, name=f"shop{number}").up({**streams, "prefix": f"p{number}_"}, keep=number > 0)
    found = sent(server)
    assert {path: count for path, count in found.items() if path in SHARED} == dict.fromkeys(SHARED, 1)
    assert found["web_backend/connections/list"] == 5 + 1, "once for the run, then between the two ends"
    assert sum(count for path, count in found.items() if path not in SHARED) == 5 * 3 + 1


def test_a_changed_key_asks_for_each_thing_once(server: Emulator, shop: Resource) -> None:
    """The bounds are 6 and 12; a second connection of the run may only take what is its own."""
    streams = {"public.users": USERS, "public.events": EVENTS}
    shop.up(declare(streams))
    other = Resource(server.url, name="other")
    other.up(declare(streams, prefix="x_"), keep=True)
    for each in (shop, other):
        server.sync(each.id)
    server.log.clear()
    assert "truncate" in shop.preview(declare(KEY))["public.users"]
    assert sent(server).total() <= 5
    shop.up(declare(KEY))
    assert sent(server).total() <= 10
    other.up(declare(KEY, prefix="x_"), keep=True)
    assert sent(server).total() <= 7


def test_a_preview_without_changes_asks_for_nothing(server: Emulator, shop: Resource) -> None:
    shop.up(declare(KEY))
    server.log.clear()
    assert shop.preview(declare(KEY)) == {}
    assert not sent(server)


def test_the_look_for_a_mark_does_not_grow_with_the_workspace(server: Emulator) -> None:
    """From server 1.8.0 on a list can be narrowed by a name."""
    for number in range(3):
        Resource(server.url, name=f"shop{number}").up(declare({"public.users": USERS}, prefix=f"p{number}_"))
    server.log.clear()
    Resource(server.url, name="last").up(declare({"public.users": USERS}, prefix="last_"))
    lists = [each for each in server.log.requests if each.path == "web_backend/connections/list"]
    assert [len(each.answer["connections"]) for each in lists] == [3, 1]
