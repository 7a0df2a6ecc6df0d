"""Operations when requests fail: whatever breaks off, one more ``up`` ends as declared, and nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.core.fault import Fault, Kind
from pulumi_airbyte_wb.errors import AirbyteError
from pulumi_airbyte_wb.providers.operation import OperationProvider
from tests.providers.engine import RefusedError, Resource
from tools.builtin_world import CONFIG, CRM, SHOP, WAREHOUSE, WORKSPACE

pytestmark = pytest.mark.usefixtures("no_waiting")

KINDS: list[Kind] = ["cut-before", "cut-after", "status", "html", "half"]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        emulator.set_shuffle(on=True)
        yield emulator


@pytest.fixture(autouse=True)
def fresh(server: Emulator) -> Iterator[None]:
    start = server.snapshot()
    yield
    server.clear_faults()
    server.restore(start)
    server.log.clear()


def webhook(job: int) -> dict[str, Any]:
    return {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 1, "job_id": job}}


def connection(*operations: tuple[str, int], attached: list[str] | None = None) -> dict[str, Any]:
    return {
        "source_id": SHOP,
        "destination_id": WAREHOUSE,
        "schedule": "manual",
        "streams": {"public.orders": "full_refresh_overwrite"},
        "operations": [{"name": name, "webhook": webhook(job)} for name, job in operations],
        "operation_ids": attached or [],
    }


def live(server: Emulator) -> list[tuple[str, list[tuple[str, int]]]]:
    """Every connection that is not deleted, with its operations by name and job."""
    found = []
    for each in server.server.connections():
        operations = [server.server.operation(operation_id) for operation_id in each["operationIds"]]
        jobs = [
            (operation["name"], int(operation["configuration"]["webhook"]["executionUrl"].split("/")[-3]))
            for operation in operations
        ]
        assert not any(operation["tombstone"] for operation in operations)
        found.append((each["name"], sorted(jobs)))
    return found


def orphans(server: Emulator) -> list[str]:
    """The operations that are neither deleted nor attached."""
    attached = {each for connection in server.server.connections() for each in connection["operationIds"]}
    return [
        operation["name"]
        for operation in server.server.store.all("operation")
        if not operation["tombstone"] and operation["operationId"] not in attached
    ]


def requests_of(server: Emulator, act: Any) -> int:
    """How many requests an action takes; the server is as before afterwards."""
    start = server.snapshot()
    server.log.clear()
    act()
    count = len(server.log.requests)
    server.restore(start)
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_a_create_that_breaks_off_anywhere_is_finished_by_the_next(server: Emulator, kind: Kind) -> None:
    declared = connection(("a", 1), ("b", 2))
    start = server.snapshot()
    count = requests_of(server, lambda: Resource(server.url).up(declared))
    assert count > 4
    for index in range(count):
        server.restore(start)
        resource = Resource(server.url)
        server.add_fault(Fault(kind, skip=index))
        try:
            resource.up(declared)
        except (AirbyteError, RefusedError):
            server.clear_faults()
            resource.up(declared)
        server.clear_faults()
        assert live(server) == [("shop", [("a", 1), ("b", 2)])], index
        assert orphans(server) == [], index
        assert not resource.changed(declared), index


@pytest.mark.parametrize("refreshing", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_an_update_that_breaks_off_anywhere_is_finished_by_the_next(
    server: Emulator, kind: Kind, refreshing: bool
) -> None:
    standalone = Resource(server.url, "job", OperationProvider)
    standalone.up({"workspace_id": WORKSPACE, "webhook": webhook(9)})
    first = connection(("a", 1), ("b", 2))
    second = connection(("b", 3), ("c", 4), attached=[standalone.id])
    resource = Resource(server.url)
    resource.up(first)
    start, state = server.snapshot(), resource.copy()
    count = requests_of(server, lambda: state.copy().up(second))
    assert count > 3
    for index in range(count):
        server.restore(start)
        resource = state.copy()
        server.add_fault(Fault(kind, skip=index))
        try:
            resource.up(second)
        except (AirbyteError, RefusedError):
            server.clear_faults()
            if refreshing:
                resource.refresh()
            resource.up(second)
        server.clear_faults()
        assert live(server) == [("shop", [("b", 3), ("c", 4), ("job", 9)])], index
        assert orphans(server) == [], index
        assert not resource.changed(second), index


@pytest.mark.parametrize("kind", KINDS)
def test_a_standalone_operation_is_made_again_and_what_may_be_left_is_said(server: Emulator, kind: Kind) -> None:
    """No call lists operations that are attached to nothing, so a lost answer may leave one behind; it never runs."""
    declared = {"workspace_id": WORKSPACE, "webhook": webhook(9)}
    resource = Resource(server.url, "job", OperationProvider)
    server.add_fault(Fault(kind, path="operations/create", times=9))
    with pytest.raises(AirbyteError) as caught:
        resource.up(declared)
    assert "it stays behind attached to nothing and never runs: run `pulumi up` again" in str(caught.value)
    server.clear_faults()
    resource.up(declared)
    assert len(orphans(server)) == (2 if kind in {"cut-after", "half"} else 1)
    assert not resource.changed(declared)


def test_a_standalone_operation_outlives_the_connections_that_it_is_attached_to(server: Emulator) -> None:
    """The server deletes a connection's operations with it, but for those that another connection has."""
    standalone = Resource(server.url, "job", OperationProvider)
    standalone.up({"workspace_id": WORKSPACE, "webhook": webhook(9)})
    declared = connection(("own", 1), attached=[standalone.id])
    resource = Resource(server.url)
    resource.up(declared)
    replaced = {**declared, "source_id": CRM, "allow_replace": True, "streams": {"owners": "full_refresh_overwrite"}}
    resource.up(replaced)
    assert live(server) == [("shop", [("job", 9), ("own", 1)])]
    resource.destroy()
    assert orphans(server) == ["job"]
    resource.up(declared)
    assert live(server) == [("shop", [("job", 9), ("own", 1)])]
    assert orphans(server) == []


@pytest.mark.parametrize("others", [{}, {"operations": []}, {"operation_ids": []}])
def test_a_standalone_operation_outlives_a_connection_that_was_created_half(
    server: Emulator, others: dict[str, Any]
) -> None:
    """Also where the program does not attach it any more."""
    standalone = Resource(server.url, "job", OperationProvider)
    standalone.up({"workspace_id": WORKSPACE, "webhook": webhook(9)})
    declared = connection(("own", 1), attached=[standalone.id])
    resource = Resource(server.url)
    # The last step, which names it: after all its operations are attached.
    server.add_fault(Fault("status", path="web_backend/connections/update", skip=1))
    with pytest.raises(AirbyteError):
        resource.up(declared)
    resource.up({**declared, **others})
    assert not server.server.operation(standalone.id)["tombstone"]
    assert len(live(server)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_standalone_operation_is_changed_and_deleted_all_the_same(server: Emulator, kind: Kind) -> None:
    before, after = ({"workspace_id": WORKSPACE, "webhook": webhook(job)} for job in (1, 2))
    resource = Resource(server.url, "job", OperationProvider)
    resource.up(before)
    for path in ("operations/get", "operations/update"):
        server.add_fault(Fault(kind, path=path, times=9))
        with pytest.raises(AirbyteError):
            resource.up(after)
        server.clear_faults()
        resource.up(after)
        assert not resource.changed(after)
        resource.up(before)
    if kind != "half":  # the answer of a delete has no body that could be cut
        server.add_fault(Fault(kind, path="operations/delete", times=9))
        with pytest.raises(AirbyteError):
            resource.destroy()
    server.clear_faults()
    resource.destroy()
    assert orphans(server) == []
