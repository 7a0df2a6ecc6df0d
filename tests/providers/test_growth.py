"""What a preview does for one connection does not grow with the number of connections; counted in work, not seconds."""

from __future__ import annotations

from collections import Counter

import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.spec import tables
from tests.providers.engine import Resource
from tests.providers.shop import EVENTS, USERS, declare
from tools.engine import new_run

STREAMS = {"public.users": USERS, "public.events": EVENTS}
KEY = {**STREAMS, "public.users": USERS.replace("key=id", "key=id,name")}


@pytest.mark.parametrize("prefix", ["p{}_", ""], ids=["a prefix each", "no prefix"])
def test_a_preview_compares_as_many_names_for_each_connection(
    server: Emulator, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    folded: Counter[str] = Counter()
    fold = tables._folded
    monkeypatch.setattr(tables, "_folded", lambda name: (folded.update([name]), fold(name))[1])
    fields = {"namespace_definition": "customformat", "namespace_format": "n{}"}
    made: list[tuple[Resource, dict[str, str]]] = []
    costs: list[float] = []
    for count in (4, 12):
        while len(made) < count:
            number = len(made)
            other = Resource(server.url, name=f"c{number}")
            # Each has tables of its own: those that share one are compared with each other.
            naming = (
                {"prefix": prefix.format(number)}
                if prefix
                else {name: value.format(number) for name, value in fields.items()}
            )
            other.up(declare(STREAMS, **naming))
            made.append((other, naming))
        process.forget_runs()
        run = new_run(server.url)
        folded.clear()
        for resource, naming in made:
            run.preview(resource, declare(KEY, **naming))
        costs.append(folded.total() / count)
    assert costs[1] <= 1.1 * costs[0]
