"""The rows of the matrix: what is done, from which beginning, on which server."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.operation import OperationProvider
from tools.builtin_world import CONFIG, SHOP, WAREHOUSE, WORKSPACE, world
from tools.engine import Resource, Values
from tools.faults.engine import IdOf, Run, StepError, run
from tools.faults.process_pool import ProcessPool
from tools.faults.server import Server

USERS = "incremental_append_dedup cursor=updated_at key=id"
USERS_BY_REGION = "incremental_append_dedup cursor=updated_at key=id,region"
EVENTS = "incremental_append cursor=ts"
ORDERS = "full_refresh_overwrite"
BASE: Values = {"source_id": SHOP, "destination_id": WAREHOUSE, "schedule": "manual", "resets": {"wait": "job"}}
BOTH = {"public.users": USERS, "public.events": EVENTS}

Act = Literal["up", "refresh", "destroy"]
Declared = tuple[Resource, Values]


@dataclass(frozen=True)
class Scene:
    """How things stand before the operation.

    Attributes:
        resources: the program: its resources with their state, and what is declared of each now.
    """

    resources: list[Declared]


@dataclass(frozen=True)
class Operation:
    """A row of the matrix.

    Attributes:
        name: how the matrix names it.
        begin: makes the beginning on a fresh server.
        act: what the run under faults does.
        version: of the server.
        refreshes: whether the destination supports refreshes.
        connections: how many connections there are in the end.
        drifted: whether a person has changed something, so that only a refresh shows it.
        runs: how many runs it takes: what is there is taken over by one, and changed by the next.
    """

    name: str
    begin: Callable[[Stage], Scene]
    act: Act = "up"
    version: str = "1.8.0"
    refreshes: bool = True
    connections: int = 1
    drifted: bool = False
    runs: int = 1

    @property
    def has_tokens(self) -> bool:
        """Whether the server exchanges client credentials for tokens, which it does from 0.50.38 on."""
        return self.version != "0.50.0"

    def world(self) -> dict[str, Any]:
        """What the server begins with."""
        started = world()
        if not self.refreshes:
            started["destinations"][0] |= {"supportsRefreshes": False, "family": "typing-deduping"}
        return started


@dataclass
class Stage:
    """What makes a beginning."""

    pool: ProcessPool
    server: Server

    def up(self, resource: Resource, declared: Values) -> Resource:
        """A run that nothing disturbs."""
        with run(self.pool, self.server.url) as undisturbed:
            undisturbed.up(resource, declared)
        return resource

    def interrupted(self, resource: Resource, declared: Values, path: str) -> Resource:
        """A run that breaks off for good at a path."""
        self.server.add_fault(kind="status", path=path, times=99)
        try:
            self.up(resource, declared)
        except StepError:
            self.server.clear_faults()
            return resource
        raise AssertionError(f"{path} was not called")


def webhook(name: str, job: int) -> Values:
    """An operation of a connection."""
    return {"name": name, "webhook": {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 1, "job_id": job}}}


def _standalone(job: int, **more: Any) -> Values:
    return {"workspace_id": WORKSPACE, **webhook("tests", job), **more}


def _declared(streams: dict[str, str] | None, **more: Any) -> Values:
    return {**BASE, **({} if streams is None else {"streams": streams}), **more}


def _synced(stage: Stage, **more: Any) -> Resource:
    shop = stage.up(Resource("shop"), _declared(BOTH, **more))
    stage.server.sync(shop.id)
    return shop


def _create(_stage: Stage) -> Scene:
    declared = _declared(BOTH, prefix="a_", operations=[webhook("one", 1), webhook("two", 2)])
    return Scene([(Resource("shop"), declared)])


def _create_over_old_tables(stage: Stage) -> Scene:
    shop = _synced(stage)
    with run(stage.pool, stage.server.url) as undisturbed:
        undisturbed.destroy(shop)
    resets = {"overrides": {"public.events": "reset", "public.users": "reset"}, "wait": "job"}
    return Scene([(Resource("shop"), _declared(BOTH, resets=resets))])


def _adopt(stage: Stage) -> Scene:
    shop = _synced(stage)
    declared = _declared({**BOTH, "public.orders": ORDERS}, adopt=shop.id, name="taken over")
    return Scene([(Resource("adopted"), declared)])


def _adopt_and_resync(stage: Stage) -> Scene:
    shop = _synced(stage)
    declared = _declared({**BOTH, "public.users": USERS_BY_REGION}, adopt=shop.id, name="taken over")
    return Scene([(Resource("adopted"), declared)])


def _update(stage: Stage) -> Scene:
    shop = _synced(stage)
    declared = _declared({**BOTH, "public.orders": ORDERS}, schedule="cron 0 0 6 * * ? UTC", name="renamed")
    return Scene([(shop, declared)])


def _update_and_resync(stage: Stage) -> Scene:
    return Scene([(_synced(stage), _declared({**BOTH, "public.users": USERS_BY_REGION}, name="renamed"))])


def _update_and_merge(stage: Stage) -> Scene:
    resets = {"overrides": {"public.events": "truncate", "public.users": "merge"}, "wait": "job"}
    streams = {"public.events": "incremental_append cursor=event_id", "public.users": USERS_BY_REGION}
    return Scene([(_synced(stage), _declared(streams, resets=resets))])


def _rename_tables(stage: Stage) -> Scene:
    return Scene([(_synced(stage), _declared(BOTH, prefix="new_"))])


def _left_to_the_server(stage: Stage) -> Scene:
    resets = {"default": "server", "wait": "job"}
    streams = {**BOTH, "public.users": USERS_BY_REGION}
    return Scene([(_synced(stage), _declared(streams, resets=resets, name="renamed"))])


def _remove_and_clear(stage: Stage) -> Scene:
    return Scene([(_synced(stage), _declared({"public.users": USERS}, on_remove="clear"))])


def _change_operations(stage: Stage) -> Scene:
    shop = _synced(stage, operations=[webhook("one", 1), webhook("two", 2)])
    return Scene([(shop, _declared(BOTH, operations=[webhook("two", 22), webhook("three", 3)]))])


def _change_operations_and_resync(stage: Stage) -> Scene:
    shop = _synced(stage, operations=[webhook("one", 1)])
    declared = _declared({**BOTH, "public.users": USERS_BY_REGION}, operations=[webhook("one", 1), webhook("two", 2)])
    return Scene([(shop, declared)])


def _replace(stage: Stage) -> Scene:
    shop = _synced(stage)
    crm = SHOP[:-1] + "2"
    declared = {**BASE, "source_id": crm, "allow_replace": True, "streams": {"owners": ORDERS}}
    return Scene([(shop, declared)])


def _catalog(stage: Stage, streams: dict[str, str], **more: Any) -> tuple[Resource, Resource]:
    shop = _synced(stage)
    with run(stage.pool, stage.server.url) as undisturbed:
        undisturbed.up(shop, _declared(None))
    catalog = Resource("streams", CatalogProvider)
    stage.up(catalog, {"connection_id": shop.id, "streams": streams, "resets": {"wait": "job"}, **more})
    return shop, catalog


def _catalog_create(stage: Stage) -> Scene:
    shop = stage.up(_synced(stage), _declared(None))
    declared = {"connection_id": shop.id, "streams": {"public.orders": ORDERS}, "resets": {"wait": "job"}}
    return Scene([(Resource("streams", CatalogProvider), declared)])


def _catalog_create_and_resync(stage: Stage) -> Scene:
    shop = stage.up(_synced(stage), _declared(None))
    declared = {"connection_id": shop.id, "streams": {"public.users": USERS_BY_REGION}, "resets": {"wait": "job"}}
    return Scene([(Resource("streams", CatalogProvider), declared)])


def _catalog_and_its_connection(stage: Stage) -> Scene:
    shop = _synced(stage)
    with run(stage.pool, stage.server.url) as undisturbed:
        undisturbed.destroy(shop)
    resets = {"overrides": {"public.events": "reset"}, "wait": "job"}
    streams = {"public.events": EVENTS, "public.orders": ORDERS}
    catalog = {"connection_id": IdOf("shop"), "streams": streams, "resets": resets}
    return Scene([(Resource("shop"), _declared(None)), (Resource("streams", CatalogProvider), catalog)])


def _catalog_update(stage: Stage) -> Scene:
    shop, catalog = _catalog(stage, BOTH)
    streams = {"public.users": USERS_BY_REGION, "public.orders": ORDERS}
    return Scene([(catalog, {"connection_id": shop.id, "streams": streams, "resets": {"wait": "job"}})])


def _catalog_delete(stage: Stage) -> Scene:
    shop, catalog = _catalog(stage, {"public.events": EVENTS}, on_delete="remove")
    return Scene([(catalog, {"connection_id": shop.id, "streams": {"public.events": EVENTS}})])


def _delete(stage: Stage) -> Scene:
    return Scene([(_synced(stage, operations=[webhook("one", 1)]), _declared(BOTH))])


def _refresh_owed(stage: Stage) -> Scene:
    declared = _declared({**BOTH, "public.users": USERS_BY_REGION})
    shop = stage.interrupted(_synced(stage), declared, "connections/refresh")
    return Scene([(shop, declared)])


def _refresh_many(stage: Stage) -> Scene:
    resources: list[Declared] = []
    for number in range(6):
        declared = _declared({"public.orders": ORDERS}, prefix=f"p{number}_", operations=[webhook("one", number + 1)])
        resources.append((stage.up(Resource(f"shop{number}"), declared), declared))
    return Scene(resources)


def _operation_create(_stage: Stage) -> Scene:
    return Scene([(Resource("tests", OperationProvider), _standalone(1))])


def _operation_update(stage: Stage) -> Scene:
    tests = stage.up(Resource("tests", OperationProvider), _standalone(1))
    _synced(stage, operation_ids=[tests.id])
    return Scene([(tests, _standalone(2, name="renamed"))])


def _operation_delete(stage: Stage) -> Scene:
    tests = stage.up(Resource("tests", OperationProvider), _standalone(1))
    _synced(stage, operation_ids=[tests.id], operations=[webhook("one", 1)])
    return Scene([(tests, _standalone(1))])


def _operation_refresh(stage: Stage) -> Scene:
    tests = stage.up(Resource("tests", OperationProvider), _standalone(1))
    live = stage.server.api("operations/get", {"operationId": tests.id})
    changed = {name: live[name] for name in ("operationId", "operatorConfiguration")}
    stage.server.api("operations/update", {**changed, "name": "renamed by a person"})
    return Scene([(tests, _standalone(1))])


def _operation_and_connection(_stage: Stage) -> Scene:
    attached = _declared(BOTH, operation_ids=[IdOf("tests")], operations=[webhook("one", 1)])
    return Scene([(Resource("tests", OperationProvider), _standalone(1)), (Resource("shop"), attached)])


def _replace_attached(stage: Stage) -> Scene:
    tests = stage.up(Resource("tests", OperationProvider), _standalone(1))
    shop = _synced(stage, operation_ids=[tests.id])
    crm = SHOP[:-1] + "2"
    declared = {**BASE, "source_id": crm, "allow_replace": True, "streams": {"owners": ORDERS}}
    return Scene([(tests, _standalone(1)), (shop, {**declared, "operation_ids": [IdOf("tests")]})])


def _operations_attached(stage: Stage) -> Scene:
    tests, report = (Resource(name, OperationProvider) for name in ("tests", "report"))
    stage.up(tests, _standalone(1))
    shop = _synced(stage, operation_ids=[tests.id])
    attached = _declared(BOTH, operation_ids=[IdOf("tests"), IdOf("report")], name="renamed")
    return Scene([(tests, _standalone(2)), (report, _standalone(3, name="report")), (shop, attached)])


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("create", _create),
        Operation("create over old tables", _create_over_old_tables, refreshes=False),
        Operation("adopt", _adopt, runs=2),
        Operation("adopt and re-sync", _adopt_and_resync, runs=2),
        Operation("update", _update),
        Operation("update, refresh", _update_and_resync),
        Operation("update, refresh twice", _update_and_merge),
        Operation("update, clear/stream", _update_and_resync, refreshes=False),
        Operation("update, reset/stream", _update_and_resync, version="0.50.0", refreshes=False),
        Operation("update, tables renamed", _rename_tables),
        Operation("update, left to the server", _left_to_the_server),
        Operation("update, left to an old server", _left_to_the_server, version="0.50.0", refreshes=False),
        Operation("remove and clear", _remove_and_clear),
        Operation("operations", _change_operations),
        Operation("operations and re-sync", _change_operations_and_resync),
        Operation("replace", _replace),
        Operation("catalog create", _catalog_create),
        Operation("catalog create, re-sync", _catalog_create_and_resync, runs=2),
        Operation("catalog and its connection", _catalog_and_its_connection, refreshes=False, runs=2),
        Operation("catalog update", _catalog_update),
        Operation("catalog delete", _catalog_delete, act="destroy"),
        Operation("delete", _delete, act="destroy", connections=0),
        Operation("refresh", _refresh_owed, act="refresh"),
        Operation("refresh of many", _refresh_many, act="refresh", connections=6),
        Operation("operation create", _operation_create, connections=0),
        Operation("operation update", _operation_update),
        Operation("operation delete", _operation_delete, act="destroy"),
        Operation("operation refresh", _operation_refresh, act="refresh", connections=0, drifted=True),
        Operation("operation and its connection", _operation_and_connection),
        Operation("operations attached", _operations_attached),
        Operation("replace, operation attached", _replace_attached),
    )
}


def act(started: Run, operation: Operation, resources: list[Declared]) -> None:
    """What the run does with the resources, one after the other.

    Raises:
        StepError: a step failed; the others were tried all the same, but for those that need what failed.
        KilledError: the provider process is gone.
    """
    failed: dict[str, StepError] = {}
    for resource, declared in resources:
        try:
            if operation.act == "up":
                if not failed.keys() & needs(declared):
                    started.up(resource, with_ids(declared, resources))
            elif operation.act == "refresh":
                started.refresh(resource)
            else:
                started.destroy(resource)
        except StepError as error:
            failed[resource.name] = error
    for first in failed.values():
        raise first


def needs(declared: Values) -> set[str]:
    """The names of the resources whose ids a declaration holds."""
    return {each.name for value in declared.values() for each in (value if isinstance(value, list) else [value])
            if isinstance(each, IdOf)}  # fmt: skip


def with_ids(declared: Values, resources: Collection[Declared]) -> Values:
    """A declaration with the ids of the resources that it names, as the engine hands it over."""
    ids = {resource.name: resource.id for resource, _ in resources}

    def known(value: object) -> object:
        return ids[value.name] if isinstance(value, IdOf) else value

    return {
        name: [known(each) for each in value] if isinstance(value, list) else known(value)
        for name, value in declared.items()
    }
