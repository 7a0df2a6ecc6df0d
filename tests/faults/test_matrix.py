"""A sample of the fault matrix; `make faults` plays more of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from pulumi_airbyte_wb.providers.operation import OperationProvider
from tools.engine import Resource
from tools.faults.cell import Bench, Cell, End, badly_said, is_stray, leave_out_late
from tools.faults.kinds import KINDS
from tools.faults.operations import OPERATIONS
from tools.faults.playing import WRITING

SLOW = {"timeout before", "timeout after"}
QUICK = [kind for kind in KINDS if kind not in SLOW]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("faults"))
    yield bench
    bench.close()


def sample(bench: Bench, name: str) -> list[Cell]:
    """Three cells of the operation, two of them at writes, each with another fault."""
    paths = bench.beginning(name).paths
    row = list(OPERATIONS).index(name)
    kinds = itertools.cycle(QUICK[row * 3 % len(QUICK) :] + QUICK[: row * 3 % len(QUICK)])
    writes = [index for index, path in enumerate(paths) if WRITING.search(path)]
    chosen = {row % len(paths), *(writes[(row + more) % len(writes)] for more in range(2) if writes)}
    cells = []
    for index, path in enumerate(paths):
        if index in chosen:
            kind = next(kind for kind in kinds if not KINDS[kind].only or path in KINDS[kind].only)
            cells.append(Cell(name, index, kind, OPERATIONS[name].drifted or (row + index) % 2 == 0))
    return cells


@pytest.mark.parametrize("name", OPERATIONS)
def test_one_more_up_finishes_the_job(bench: Bench, name: str) -> None:
    cells = sample(bench, name)
    assert cells
    wrong = {str(cell): outcome.wrong for cell in cells if (outcome := bench.play(cell)).wrong}
    assert wrong == {}


def test_what_a_run_has_to_say_is_held_against_its_error() -> None:
    def judged(kind: str, error: str) -> list[str]:
        return list(badly_said(KINDS[kind], error))

    assert judged("token expired", "") == []
    assert judged("token expired", "no token; check it") == [
        "message: the run should have ended well: no token; check it"
    ]
    refused = "the server does not accept the credentials (401); check airbyte-wb:token"
    assert "does not say" in judged("401 to a bearer token", refused)[0]
    assert judged("401 to a bearer token", f"{refused}: it is wrong, or has expired") == []
    assert "is no sentence" in judged("500", "KeyError: 'x'")[0]


def test_what_a_late_request_leaves_is_counted_apart_and_only_one_thing_of_it() -> None:
    def end(connections: list[str], orphans: list[str], rows: list[str]) -> End:
        return End(connections, orphans, set(), set(), {"t": rows})

    shop, half = '{"name": "shop", "status": "active"}', '{"name": "shop [creating 1-2]", "status": "inactive"}'
    wanted = end([shop], ["a"], ["1", "2"])
    for found in (
        end([shop, half], ["a"], ["1", "2"]),
        end([shop], ["a", "b"], ["1", "2"]),
        end([shop], ["a"], ["1", "1", "2", "2"]),
    ):
        assert leave_out_late(wanted, found)
        assert found == wanted
    for found in (
        end([shop], ["a"], ["1", "2"]),
        end([shop, shop.replace("shop", "duplicate")], ["a"], ["1", "2"]),
        end([shop, half], ["a", "b"], ["1", "2"]),
        end([shop], ["a"], ["1", "1", "2"]),
    ):
        assert not leave_out_late(wanted, found)


def test_an_operation_that_is_left_behind_is_counted_once_and_by_its_name() -> None:
    declared = {"name": "tests"}
    create = [(Resource("tests", OperationProvider), declared)]
    update = [(Resource("tests", OperationProvider, id="x"), declared)]
    assert is_stray(create, ["tests"], ["tests", "tests"])
    assert is_stray(create, [], ["tests"])
    for resources, wanted, found in (
        (create, ["tests"], ["tests"]),
        (create, ["tests"], ["tests", "tests", "tests"]),
        (create, ["tests"], ["other", "tests"]),
        (create, ["tests", "other"], ["tests", "tests"]),
        (update, [], ["tests"]),
    ):
        assert not is_stray(resources, wanted, found)


def test_a_cell_is_named_and_found_again() -> None:
    cell = Cell("update, clear/stream", 7, "cut after", refresh=True)
    assert Cell.parse(str(cell)) == cell
    with pytest.raises(ValueError, match="update/7/cut backwards/up"):
        Cell.parse("update/7/cut backwards/up")
