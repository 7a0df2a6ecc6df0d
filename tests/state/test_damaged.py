"""State that was cut, edited, or written with a newer version: a sentence with the way out, and nothing is sent."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pulumi.dynamic import ResourceProvider

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import AirbyteError
from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.operation import OperationProvider
from pulumi_airbyte_wb.state.record import pack, unpack
from tests.bad_input.test_bad_input import READS, check_sentence
from tests.providers.engine import RefusedError, Resource
from tools.builtin_world import CONFIG, SHOP, WAREHOUSE, WORKSPACE

WRITES = {"web_backend/connections/create", "web_backend/connections/update", "connections/delete", "operations/update"}
WEBHOOK = {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": 8}}
LIVE = "40000000-0000-4000-8000-000000000001"
DECLARED: dict[type[ResourceProvider], dict[str, Any]] = {
    ConnectionProvider: {
        "source_id": SHOP,
        "destination_id": WAREHOUSE,
        "schedule": "every 6 hours",
        "streams": {"public.users": "incremental_append_dedup cursor=updated_at key=id"},
    },
    CatalogProvider: {"connection_id": LIVE, "streams": {"public.orders": "full_refresh_append"}},
    OperationProvider: {"workspace_id": WORKSPACE, "webhook": WEBHOOK},
}
CHANGED: dict[type[ResourceProvider], dict[str, Any]] = {
    ConnectionProvider: {"schedule": "manual"},
    CatalogProvider: {"streams": {"public.orders": "full_refresh_overwrite"}},
    OperationProvider: {"name": "other"},
}
IDS = {"source_id", "connection_id", "workspace_id"}
Damage = Callable[[dict[str, Any]], None]


def repacked(change: Callable[[dict[str, Any]], Any]) -> Damage:
    """Outputs whose record was changed by a person who knows how it is packed."""

    def damage(outputs: dict[str, Any]) -> None:
        record = unpack(outputs["recorded"])
        changed = change(record)
        outputs["recorded"] = pack(record if changed is None else changed)

    return damage


def remembering(streams: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
    return lambda record: record.update(memory={"streams": streams})


def replaced(value: object) -> Damage:
    def damage(outputs: dict[str, Any]) -> None:
        outputs["recorded"] = value

    return damage


def cut(length: int) -> Damage:
    def damage(outputs: dict[str, Any]) -> None:
        outputs["recorded"] = outputs["recorded"][:length]

    return damage


DAMAGES: dict[str, Damage] = {
    "cut in the middle": cut(40),
    "cut by a letter": cut(-1),
    "cut to its version": cut(2),
    "empty": replaced(""),
    "missing": lambda outputs: outputs.pop("recorded"),
    "null": replaced(None),
    "a number": replaced(7),
    "a list": replaced(["1:x"]),
    "no base 85": replaced('1:"\\ \n'),
    "no version": replaced("abc"),
    "version 0": replaced("0:abc"),
    "a newer version": replaced("3:abc"),
    "a version of many digits": replaced("9" * 5000 + ":abc"),
    "a version in other digits": replaced("²:abc"),
    "letters swapped": lambda outputs: outputs.update(recorded=outputs["recorded"][:-6] + outputs["recorded"][:-7:-1]),
    "no mapping": repacked(lambda _: ["a"]),
    "empty record": repacked(lambda record: record.clear()),
    "ids gone": repacked(lambda record: [record.pop(name, None) for name in IDS] and None),
    "ids of another type": repacked(
        lambda record: record.update(dict.fromkeys(IDS & set(record), 7))
    ),
    "ids that are none": repacked(
        lambda record: record.update(dict.fromkeys(IDS & set(record), "x"))
    ),
}  # fmt: skip
OF_STREAMS: dict[str, Damage] = {
    "streams a number": repacked(lambda record: record.update(streams=7)),
    "a stream a number": repacked(lambda record: record.update(streams={"public.users": 7})),
    "a stream of no mode": repacked(lambda record: record.update(streams={"public.users": "quickly"})),
    "a stream without a name": repacked(lambda record: record.update(streams={"..": "full_refresh_append"})),
    "control a list": repacked(lambda record: record.update(control=["x"])),
    "control of another type": repacked(lambda record: record["control"].update(resets=7)),
    "memory a text": repacked(lambda record: record.update(memory="x")),
    "unmanaged of no mode": repacked(remembering({"public.users": {"unmanaged": "x"}})),
    "columns a number": repacked(remembering({"public.users": {"dropped_columns": 7}})),
    "what a newer version remembers": repacked(remembering({"public.users": {"colour": "red"}})),
    "patterns a list": repacked(lambda record: record.update(patterns=[])),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    from tools.builtin_world import world

    live = {
        "name": "theirs",
        "connectionId": LIVE,
        "source": "shop-postgres",
        "destination": "warehouse",
        "prefix": "t_",
    }
    with Emulator({**world(), "connections": [{**live, "streams": []}]}) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def made(server: Emulator) -> dict[type[ResourceProvider], Resource]:
    """One resource of each kind, as ``up`` leaves it in state."""
    resources = {provider: Resource(server.url, provider.__name__, provider) for provider in DECLARED}
    for provider, resource in resources.items():
        resource.up(DECLARED[provider])
    return resources


@pytest.fixture(params=DECLARED, ids=lambda provider: provider.__name__)
def resource(
    server: Emulator, made: dict[type[ResourceProvider], Resource], request: pytest.FixtureRequest
) -> Resource:
    server.log.clear()
    return copy.deepcopy(made[request.param])


def try_everything(server: Emulator, resource: Resource) -> list[str]:
    """What each command says of the resource; each is either refused in a sentence, or does what it always does."""
    declared = DECLARED[resource.provider]
    said = []
    kept = resource.id, dict(resource.inputs), dict(resource.outputs)
    commands: list[Callable[[], object]] = [
        lambda: resource.preview({**declared, **CHANGED[resource.provider]}),
        lambda: resource.changed(declared),
        lambda: resource.up({**declared, **CHANGED[resource.provider]}),
        resource.refresh,
        resource.destroy,
    ]
    for command in commands:
        try:
            command()
        except (AirbyteError, RefusedError) as problem:
            said.append(str(problem))
        resource.id, resource.inputs, resource.outputs = kept[0], dict(kept[1]), dict(kept[2])
    return said


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_outputs(server: Emulator, resource: Resource, damage: str) -> None:
    DAMAGES[damage](resource.outputs)
    said = try_everything(server, resource)
    assert len(said) == 5, said
    check_all(server, said, newer="newer" in damage or "many digits" in damage)


@pytest.mark.parametrize("damage", OF_STREAMS)
def test_damaged_records_of_streams(server: Emulator, resource: Resource, damage: str) -> None:
    if resource.provider is OperationProvider:
        pytest.skip("an operation has no streams")
    OF_STREAMS[damage](resource.outputs)
    said = try_everything(server, resource)
    assert len(said) == 5, said
    check_all(server, said, newer="newer" in damage)


def check_all(server: Emulator, said: list[str], *, newer: bool = False) -> None:
    for sentence in said:
        check_sentence(sentence)
        assert ("upgrade the package" if newer else "state is damaged") in sentence
    assert not set(server.log.counts) & WRITES


INPUTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an id gone": lambda inputs: [inputs.pop(name, None) for name in IDS],
    "an id a number": lambda inputs: inputs.update(dict.fromkeys(IDS & set(inputs), 7)),
    "streams a number": lambda inputs: inputs.update(streams=7),
    "all gone": lambda inputs: inputs.clear(),
}


@pytest.mark.parametrize("damage", INPUTS)
def test_damaged_inputs(server: Emulator, resource: Resource, damage: str) -> None:
    """They are the old side of a check; what a refresh writes again, a refresh repairs."""
    INPUTS[damage](resource.inputs)
    declared = DECLARED[resource.provider]
    try:
        resource.preview({**declared, **CHANGED[resource.provider]})
    except (AirbyteError, RefusedError) as problem:
        check_sentence(str(problem))
    assert set(server.log.counts) <= READS | {"operations/get", "jobs/list", "state/get", "web_backend/state/get_type"}
    resource.refresh()
    assert not resource.changed(declared)


def test_an_edited_id_replaces_nothing(server: Emulator, made: dict[type[ResourceProvider], Resource]) -> None:
    """Recorded and declared source differ, and no program allowed a replacement."""
    server.log.clear()
    resource = copy.deepcopy(made[ConnectionProvider])
    repacked(lambda record: record.update(source_id=CONFIG))(resource.outputs)
    with pytest.raises(
        AirbyteError, match="its 'recorded' output has another source_id than its inputs; restore"
    ) as caught:
        resource.up(DECLARED[ConnectionProvider])
    check_sentence(str(caught.value))
    assert not set(server.log.counts) & WRITES
