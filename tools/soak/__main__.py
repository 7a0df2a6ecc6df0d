"""``python -m tools.soak``: 200 resources, 20 rounds of random change, under random faults, against one server.

Each round changes the program, runs ``up`` while requests fail, are cut, or the provider is killed, sometimes a refresh
while they still do, and goes on to the next round with whatever came of it. In the end the faults stop, ``up`` runs
once more, and again for what that has taken over, and the server has to hold what is declared: every resource, no
other connection, no orphan operation, and a preview that shows nothing. It prints the seed, which plays the same again
but for the moment of a kill, and exits with 1 where something is wrong.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from pulumi_airbyte_wb.plan import planned_of
from tools.faults.engine import KilledError, Run, StepError, run, says_what_to_do
from tools.faults.operations import OPERATIONS
from tools.faults.process_pool import ProcessPool
from tools.faults.server import Server
from tools.soak.program import Declared, Program

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "cut-before"},
    {"kind": "cut-after"},
    {"kind": "half"},
    {"kind": "garbage"},
    {"kind": "status", "status": 409},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 500, "apply": True},
    {"kind": "status", "status": 500, "step": "row", "path": "web_backend/connections/update"},
    {"kind": "status", "status": 500, "step": "operations", "path": "web_backend/connections/update"},
    {"kind": "status", "status": 503, "times": 6},
    {"kind": "html", "times": 6},
)


@dataclass
class Tally:
    """What came of it."""

    steps: int = 0
    failed: int = 0
    kills: int = 0
    faults: int = 0
    mute: list[str] = field(default_factory=list)


def main() -> int:
    """Parse the command line, play, print."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description="Change many resources under faults.")
    parser.add_argument("--resources", type=int, default=200, help="how many (200)")
    parser.add_argument("--rounds", type=int, default=20, help="how many rounds (20)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="of what is drawn")
    parser.add_argument("--minutes", type=float, default=9, help="begin no round after this many minutes (9)")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(f"seed {options.seed}: {options.resources} resources, {options.rounds} rounds")
    began = time.monotonic()
    with ProcessPool() as pool:
        server = Server(pool, "1.8.0")
        try:
            server.load(OPERATIONS["create"].world())
            wrong = _play(pool, server, options, console, began)
        finally:
            server.stop()
    for line in wrong:
        console.print(line, style="red", markup=False)
    console.print(
        f"wrong = {len(wrong)}, in {(time.monotonic() - began) / 60:.1f} minutes; again: --seed {options.seed}"
    )
    return 1 if wrong else 0


def _play(pool: ProcessPool, server: Server, options: argparse.Namespace, console: Console, began: float) -> list[str]:
    draw = random.Random(options.seed)  # noqa: S311 - a game, not a secret
    program, tally, played = Program(options.resources, draw), Tally(), 0
    for number in range(options.rounds):
        if time.monotonic() - began > options.minutes * 60:
            break
        touched = program.change() if number else len(program.resources)
        for _ in range(draw.randrange(10, 30)):
            fault = draw.choice(FAULTS)
            server.add_fault(**{"times": 1, **fault}, skip=draw.randrange(12 * touched + 1))
            tally.faults += 1
        failed = _round(pool, server, program, draw, tally)
        server.clear_faults()
        played += 1
        console.print(
            f"round {number + 1:>2}: {len(program.resources)} resources, {touched} changed, {failed} steps failed"
        )
    wrong = _settle(pool, server, program)
    console.print(
        f"{played} rounds, {tally.steps} steps, {tally.failed} failed by {tally.faults} faults and {tally.kills} kills"
    )
    return wrong + tally.mute


def _round(pool: ProcessPool, server: Server, program: Program, draw: random.Random, tally: Tally) -> int:
    """One ``up`` under faults; now and then the provider is killed on the way, and now and then a refresh follows."""
    failed = tally.failed
    doomed = draw.randrange(len(program.resources)) if draw.random() < 0.5 else -1
    started = Run(pool, server.url)
    try:
        for index, each in enumerate(list(program.resources)):
            if index == doomed:
                threading.Timer(draw.uniform(0, 0.1), started.kill).start()
                tally.kills += 1
            if not _step(started, program, each, tally):
                started.close()
                started = Run(pool, server.url)
    finally:
        started.close()
    if draw.random() < 0.4:
        with run(pool, server.url) as refreshing:
            for each in program.resources:
                _tried(lambda each=each: refreshing.refresh(each.resource), tally)  # type: ignore[misc]
    server.finish_jobs()
    return tally.failed - failed


def _step(started: Run, program: Program, each: Declared, tally: Tally) -> bool:
    """One resource of an ``up``; answers whether the provider is still there."""
    if each.gone:
        done = _tried(lambda: started.destroy(each.resource), tally)
        if done is True:
            program.forget(each)
        return done is not None
    if each.under is None or each.under.resource.id:
        done = _tried(lambda: _up(started, each), tally)
        each.settled = done is True and planned_of(each.resource.inputs).next_run is None
        return done is not None
    return True


def _up(started: Run, each: Declared) -> None:
    """An ``up`` of one resource; where it says that a creation was all but done, the program takes that over."""
    try:
        started.up(each.resource, each.values())
    except StepError as error:
        advice = re.search(r'say adopt="([^"]+)" to take it over \(an earlier run', str(error))
        if advice is None:
            raise
        each.inputs["adopt"] = advice[1]
        started.up(each.resource, each.values())


def _tried(act: Callable[[], object], tally: Tally) -> bool | None:
    """Whether a step ended well; ``None`` where the provider was killed."""
    tally.steps += 1
    try:
        act()
    except StepError as error:
        tally.failed += 1
        if problem := says_what_to_do(str(error)):
            tally.mute.append(f"a message {problem}: {error}")
        return False
    except KilledError:
        tally.failed += 1
        return None
    return True


def _all_up(started: Run, program: Program) -> list[str]:
    wrong: list[str] = []
    for each in list(program.resources):
        try:
            if each.gone:
                started.destroy(each.resource)
                program.forget(each)
            else:
                _up(started, each)
        except StepError as error:
            wrong.append(f"{each.resource.name}: {error}")
    return wrong


def _settle(pool: ProcessPool, server: Server, program: Program) -> list[str]:
    """The ``up`` after the last fault, a second one for what the first takes over; and what is not as it has to be."""
    wrong: list[str] = []
    with run(pool, server.url) as refreshing:
        for each in program.resources:
            refreshing.refresh(each.resource)
    for _ in range(2):
        with run(pool, server.url) as started:
            wrong += _all_up(started, program)
    server.finish_jobs()
    for what in ("", " after a refresh"):
        with run(pool, server.url) as previewing:
            wrong += [
                f"{each.resource.name}: a preview still shows a change{what}"
                for each in program.resources
                if previewing.changes(each.resource, each.values())
            ]
        with run(pool, server.url) as refreshing:
            for each in program.resources:
                refreshing.refresh(each.resource)
    docs = server.docs()
    live = {key: doc for key, doc in docs["connection"].items() if doc["status"] != "deprecated"}
    ours = {each.resource.id for each in program.resources if each.under is None}
    wrong += [f"connection {live[key]['name']!r} is of no resource" for key in live.keys() - ours]
    wrong += [
        f"{each.resource.name} is not there"
        for each in program.resources
        if not each.under and each.resource.id not in live
    ]
    attached = {each for doc in live.values() for each in doc["operationIds"]}
    wrong += [
        f"operation {doc['name']!r} is an orphan"
        for key, doc in docs.get("operation", {}).items()
        if not doc["tombstone"] and key not in attached
    ]
    for each in program.resources:
        wrong += _undeclared(each, docs)
    return wrong


def _undeclared(each: Declared, docs: dict[str, Any]) -> list[str]:
    """Where the server does not hold what is declared, by the server's own documents."""
    inputs, id_ = each.inputs, each.values().get("connection_id") or each.resource.id
    connection, configured = docs["connection"].get(id_, {}), docs["configured"].get(id_, {"streams": []})
    there = {f"{entry['stream']['namespace']}.{entry['stream']['name']}" for entry in configured["streams"]}
    found = []
    missing = set(inputs.get("streams") or ()) - there
    if missing:
        found.append(f"{each.resource.name}: {', '.join(sorted(missing))} is not configured")
    if each.under is None:
        if connection.get("name") != inputs.get("name", each.resource.name):
            found.append(f"{each.resource.name}: its name is {connection.get('name')!r}")
        declared = sorted(operation["name"] for operation in inputs.get("operations") or ())
        attached = sorted(docs["operation"][key]["name"] for key in connection.get("operationIds", ()))
        if declared != attached:
            found.append(f"{each.resource.name}: its operations are {attached}, not {declared}")
    return found


if __name__ == "__main__":
    sys.exit(main())
