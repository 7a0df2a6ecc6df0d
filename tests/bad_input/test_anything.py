"""Whatever a program declares: taken, or refused in sentences; never a traceback, and nothing is sent that writes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.emulator.connection.cron import parse_cron
from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.spec.connection import CATALOG, CONNECTION
from pulumi_airbyte_wb.spec.input_names import OPERATION
from pulumi_airbyte_wb.spec.schedule import parse_schedule, schedule_line
from tests.bad_input.program import Later, declare
from tests.bad_input.table import GOOD
from tests.bad_input.test_bad_input import READS

# Outputs of a program that is refused in the middle are never waited for.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'Output:RuntimeWarning")

ARGUMENTS = [
    *(("Connection", name) for name in CONNECTION.arguments),
    *(("Catalog", name) for name in CATALOG.arguments),
    *(("Operation", name) for name in OPERATION),
]
WORDS = st.sampled_from(
    ["public.users", "incremental_append cursor=id", "manual", "cron 0 0 6 * * ? UTC", "active", "name", "webhook"]
)
TEXTS = st.one_of(
    st.text(max_size=30), st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=5), WORDS
)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.binary(max_size=3))
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.integers(), inner, max_size=3)
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(argument=st.sampled_from(ARGUMENTS), value=VALUES, later=st.sampled_from(["", "later", "secret"]))
@example(argument=("Connection", "streams"), value={"a": '"' * 50}, later="")
def test_any_value_of_any_argument(server: Emulator, argument: tuple[str, str], value: Any, later: str) -> None:
    kind, name = argument
    given_value = Later(value, secret=later == "secret") if later else value
    answer = declare(kind, {**GOOD[kind], name: given_value}, {"airbyte-wb:url": server.url})
    for sentence in answer.words:
        assert sentence.isprintable(), repr(sentence)
        assert len(sentence) < 1500
    assert set(server.log.counts) <= READS


NUMBERS = st.integers(0, 60).map(str)
PARTS = st.sampled_from(
    ["*", "?", "L", "LW", "L-3", "15W", "6#3", "MON#1", "6L", "FRIL", "JAN", "MON-FRI", "*/5", "22-2"]
)
FIELDS = st.one_of(PARTS, NUMBERS, st.text("0123456789*?/-,LW#MONFRIJAN", max_size=6))


@settings(max_examples=200, deadline=None)
@given(
    fields=st.tuples(NUMBERS, NUMBERS, NUMBERS, FIELDS, FIELDS, FIELDS).map(list)
    | st.lists(FIELDS, min_size=6, max_size=7)
)
@example(fields=["0", "0", "6", "L-30W", "*", "?"])
@example(fields=["0", "0", "6", "?", "jan-mar", "friL"])
def test_a_cron_expression_that_is_taken_is_one_to_the_emulator_too(fields: list[str]) -> None:
    line = " ".join(f"cron {' '.join(fields)} UTC".split())
    try:
        kind, data = parse_schedule(line)
    except DeclarationError:
        return
    assert schedule_line(kind, data) == line
    parse_cron(line.removeprefix("cron ").removesuffix(" UTC"))
