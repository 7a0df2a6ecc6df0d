"""The ``planned`` input: it comes back from the engine as it was, and holds no sentence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi.runtime import rpc

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import (
    Action,
    Effect,
    Obstacle,
    Operation,
    Plan,
    Reason,
    Refill,
    ServerDefault,
    Why,
    decode,
    encode,
    planned_of,
)
from pulumi_airbyte_wb.plan.approvals import approvals
from pulumi_airbyte_wb.plan.codec import HIDDEN, _text, shown_only
from pulumi_airbyte_wb.plan.effects import NextSync
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code
from pulumi_airbyte_wb.spec.fields import FIELDS
from pulumi_airbyte_wb.spec.resets import Policy, Running, Wait

PATIENT = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
"""Plans are large, and machines pause."""

ODD = [
    *("a.b", "__x", "__provider", "nul\0", "\ud800", "half \udfff", "back\\slash", "\\u0041", "AWB220 clear: x (y)"),
    *("turned \u202e\u2066", "line\nbreak", '"quoted"', "[secret]", " ", "x" * 5000, "店🏬مرحبا", "planned", "{}"),
]
TEXTS = st.sampled_from(ODD) | st.text(st.characters(), min_size=1, max_size=12)
VALUES = TEXTS | st.just("")
STREAMS = st.builds(StreamDescriptor, namespace=st.none() | VALUES, name=TEXTS)
KEYS = st.builds(ChangeKey.of, STREAMS, st.sampled_from(Kind), st.none() | VALUES, st.none() | VALUES)
ITEMS = st.builds(Item, VALUES, st.none() | VALUES, st.none() | VALUES)
FIELD_VALUES = (
    VALUES | st.booleans() | st.lists(VALUES, max_size=3).map(tuple) | st.dictionaries(VALUES, VALUES, max_size=3)
)
NAMES_OF_FIELDS = st.sampled_from(sorted(FIELDS))
NUMBERS = st.integers(0, 10_000)


def several(strategy: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=most).map(tuple)


EFFECTS = st.builds(
    Effect,
    key=KEYS,
    code=st.sampled_from(Code),
    action=st.sampled_from(Action),
    detail=st.builds(Detail, st.sampled_from(What), several(ITEMS)),
    reasons=several(st.builds(Reason, st.sampled_from(Why), several(VALUES))),
    appends=st.booleans(),
    hidden=st.booleans(),
    deferred=st.sampled_from(Action),
    overruled_by=st.none() | st.sampled_from(Policy),
    called_for=st.sampled_from(Action),
    next_sync=st.sampled_from(NextSync),
    dropped=st.integers(0, 100),
)
PLANS = st.builds(
    Plan,
    operation=st.sampled_from(Operation),
    subject=st.uuids().map(str) | st.just(""),
    subject_name=VALUES,
    effects=several(EFFECTS),
    fields=st.dictionaries(NAMES_OF_FIELDS, st.tuples(st.none() | FIELD_VALUES, FIELD_VALUES), max_size=3),
    released=st.dictionaries(NAMES_OF_FIELDS, FIELD_VALUES, max_size=3),
    released_streams=several(STREAMS.map(lambda stream: stream.key)),
    refill=st.none() | st.sampled_from(Refill),
    running=st.sampled_from(Running),
    wait=st.sampled_from(Wait),
    paused=st.booleans(),
    undecided=several(st.sampled_from(["source_id", "streams"])),
    obstacles=several(st.builds(Obstacle, st.sampled_from(Code), several(VALUES), several(VALUES))),
    server_default=st.none() | st.builds(ServerDefault, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    secret=st.frozensets(NAMES_OF_FIELDS),
)
PLANS |= st.builds(lambda plan, later: replace(plan, next_run=later), PLANS, PLANS)


def wired(value: dict[str, Any]) -> Any:
    """A value as the engine hands it to a provider."""
    bag = asyncio.run(rpc.serialize_properties({"planned": value}, {}))
    return rpc.deserialize_properties(Struct.FromString(bag.SerializeToString()))["planned"]


# ---- there and back --------------------------------------------------------------------------------------------------


@PATIENT
@given(PLANS)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    assert decode(wired(encode(plan))) == (Plan(Operation.UPDATE) if plan.silent else shown_only(plan))


@PATIENT
@given(PLANS)
def test_what_is_read_back_is_written_alike(plan: Plan) -> None:
    once = encode(plan)
    assert encode(decode(wired(once))) == once == json.loads(json.dumps(once))


@pytest.mark.parametrize("text", ODD)
def test_a_name_is_written_as_it_is_where_the_wire_takes_it(text: str) -> None:
    plain = not any(letter in text for letter in "\\\0\ud800\udfff")
    assert (_text(text) == text) is plain


def test_a_plan_that_has_nothing_to_tell_is_empty() -> None:
    assert encode(Plan(Operation.UPDATE)) == encode(Plan(Operation.CREATE, fields={"name": (None, "x")})) == {}
    assert encode(Plan(Operation.ADOPT)) != {}
    nothings: list[Any] = [{}, None, ""]
    for nothing in nothings:
        assert decode(nothing) == planned_of({"planned": nothing}) == planned_of({}) == Plan(Operation.UPDATE)


@pytest.mark.parametrize(
    "damaged",
    [
        "x",
        7,
        ["update"],
        {"public.users": "AWB220 truncate: key id => n (because)"},
        {"operation": "dance"},
        {"operation": "update", "effects": ["AWB220"]},
        {"operation": "update", "effects": [{"stream": "public.users"}]},
        {"operation": "update", "effects": 7},
        {"operation": "update", "fields": [{"name": "prefix"}]},
        {"operation": "update", "released_streams": [7]},
        {"operation": "update", "released_streams": ["\\uzzzz"]},
        {"operation": "update", "obstacles": [{"code": "AWB999"}]},
        {"operation": "update", "server_default": {"zzz": 1}},
        {"operation": "update", "refill": "zzz"},
    ],
)
def test_what_is_no_plan_is_told_with_a_hint(damaged: object) -> None:
    with pytest.raises(PlanError, match="run `pulumi preview` again") as caught:
        decode(damaged)
    assert caught.value.__cause__ is None


# ---- what stands in it -----------------------------------------------------------------------------------------------


def leaves(value: object) -> Iterator[str]:
    """Every text in a value of JSON, but for keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys(each)


def put_in(value: object) -> Iterator[str]:
    """Every text that a plan was given."""
    if isinstance(value, Enum):
        return
    if isinstance(value, StreamDescriptor):
        yield value.key
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from put_in(pair)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from put_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for each in vars(value).values():
            yield from put_in(each)


WORDS = {HIDDEN} | {each.value for kind in (Code, Operation, What, Why, Policy, Refill, Running, Wait) for each in kind}
WORDS |= {each.value for each in NextSync}
WORDS |= {action.word for action in Action} | {kind.name.lower() for kind in Kind}
NAMES = set(Plan.__dataclass_fields__) - {"secret", "deferred", "required"}
NAMES |= {"stream", "code", "action", "kind", "what", "items", "reasons", "why", "names", "name", "before", "after"}
NAMES |= {"appends", "hidden", "deferred", "overruled_by", "called_for", "approvals", "overrides", "permits", "policy"}
NAMES |= {"next_sync", "dropped"}
NAMES |= {"value", "entries", "streams", *ServerDefault.__dataclass_fields__}


@PATIENT
@given(PLANS)
def test_each_text_in_it_is_a_code_a_word_a_name_or_a_value(plan: Plan) -> None:
    planned = encode(plan)
    given = {_text(text) for text in put_in(plan)}
    effects = [effect for each in (plan, plan.next_run) if each for effect in each.effects]
    permits = {each["permits"] for effect in effects for each in approvals(effect) if "permits" in each}
    streams = {effect.stream.key for effect in effects}
    assert set(leaves(planned)) <= WORDS | given | permits | streams


@PATIENT
@given(PLANS)
def test_no_key_in_it_is_made_of_a_value(plan: Plan) -> None:
    found = set(keys(encode(plan)))
    assert found <= NAMES
    assert not [key for key in found if key.startswith("__")]
