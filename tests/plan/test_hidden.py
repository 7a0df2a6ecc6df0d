"""What is secret in a plan: neither a value nor a digest of one is in the ``planned`` input, and the rest is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Facts, build_plan, decode, encode
from pulumi_airbyte_wb.plan.codec import HIDDEN
from pulumi_airbyte_wb.spec.resets import OnRemove
from pulumi_airbyte_wb.spec.streams import StreamSpec
from pulumi_airbyte_wb.state.baseline import Baseline
from tests.baselines import baseline

USERS, EVENTS = StreamDescriptor("public", "users"), StreamDescriptor("public", "events")
SECRET = "5ecret"
FACTS = Facts(tables_known=True)
LINES = {
    "key": ("incremental_append_dedup cursor=ts key=id", f"incremental_append_dedup cursor=ts key={SECRET}"),
    "cursor": ("incremental_append cursor=ts", f"incremental_append cursor={SECRET}"),
    "columns": (f"incremental_append fields=ts,{SECRET}", "incremental_append fields=ts"),
    "object": ("incremental_append object=a", f"incremental_append object={SECRET}"),
    "mapper": (
        "incremental_append mappers=[]",
        f'incremental_append mappers=[{{"type":"hashing","mapperConfiguration":{{"targetField":"{SECRET}"}}}}]',
    ),
}


def declared(lines: dict[StreamDescriptor, str], **other: Any) -> Baseline:
    streams = {stream: StreamSpec.parse(line) for stream, line in lines.items()}
    return baseline(streams=streams, **other)


def digests(before: Baseline, after: Baseline) -> set[str]:
    """What would tell one value of a change from another."""
    old, new = (baseline(streams=each.spec.streams, fields=each.spec.fields) for each in (before, after))
    effects = build_plan(old, new, FACTS).effects
    return {digest for effect in effects for digest in (effect.key.before, effect.key.after) if digest}


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize(
    "secret", [{"secret": frozenset({"streams"})}, {"secret_streams": frozenset({"public.users"})}]
)
@pytest.mark.parametrize("side", ["before", "after", "added", "removed"])
def test_no_secret_of_a_stream_is_in_it(name: str, secret: dict[str, Any], side: str) -> None:
    old, new = LINES[name]
    before = declared({} if side == "added" else {USERS: old}, **(secret if side in {"before", "removed"} else {}))
    after = declared({} if side == "removed" else {USERS: new}, **(secret if side in {"after", "added"} else {}))
    plan = build_plan(before, after, FACTS)
    (effect,) = plan.effects
    text = json.dumps(encode(plan))
    assert SECRET not in text
    assert not [digest for digest in digests(before, after) if digest in text]
    assert (decode(encode(plan)).effects[0].code, decode(encode(plan)).actions()) == (effect.code, plan.actions())


def test_what_is_no_secret_stays_readable_beside_one() -> None:
    old, new = LINES["key"]
    before = declared({USERS: old, EVENTS: old}, fields={"name": "Shop", "geography": "eu"})
    after = declared(
        {USERS: new, EVENTS: new.replace(SECRET, "region")},
        fields={"name": f"Shop {SECRET}", "geography": "us"},
        secret=frozenset({"name"}),
        secret_streams=frozenset({"public.users"}),
    )
    planned = encode(build_plan(before, after, FACTS))
    assert SECRET not in json.dumps(planned)
    events, users = planned["effects"]
    assert events["items"] == [{"before": "id", "after": "region"}]
    assert (users["stream"], users["code"], users["action"], users["hidden"]) == (
        "public.users",
        "AWB220",
        "clear",
        True,
    )
    assert not {"items", "before", "after"} & users.keys()
    assert planned["fields"] == [
        {"name": "geography", "before": "eu", "after": "us"},
        {"name": "name", "before": HIDDEN, "after": HIDDEN},
    ]


@pytest.mark.parametrize("field", ["prefix", "namespace_format"])
def test_no_secret_name_of_tables_is_in_it(field: str) -> None:
    line = {USERS: LINES["key"][0]}
    before, after = declared(line, fields={field: SECRET}), declared(line, fields={field: "b_"})
    secret = declared(line, fields={field: SECRET}, secret=frozenset({field}))
    for one, other in ((secret, after), (before, declared(line, fields={field: "b_"}, secret=frozenset({field})))):
        text = json.dumps(encode(build_plan(one, other, FACTS)))
        assert SECRET not in text
        assert not [digest for digest in digests(before, after) if digest in text]
    released = encode(build_plan(secret, declared(line), FACTS))
    assert released["released"] == [{"name": field, "value": HIDDEN}]


def test_the_streams_that_leave_are_cleared_whatever_is_secret() -> None:
    before = declared({USERS: LINES["key"][0]}, secret=frozenset({"streams"}))
    plan = build_plan(before, declared({}, on_remove=OnRemove.CLEAR), FACTS)
    assert decode(encode(plan)).actions() == {USERS: Action.CLEAR}
