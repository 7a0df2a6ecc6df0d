"""Makes `docs/servers.md`: what each version of the server was compared with, from the data of the tests."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

SERVERS = Path(__file__).parents[2] / "docs" / "servers.md"
_TESTS = Path(__file__).parents[2] / "tests"
_RECORDED = _TESTS / "recorded"
RUN_WHOLE = ("0.50.0", "1.8.0")
"""The versions whose whole server was run, and its answers recorded."""
SPECIFIED = ("0.44.0", "0.50.0", "0.63.0", "1.0.0", "1.8.0", "2.0.0")
"""The versions whose OpenAPI specification requests and answers are held against."""

_HEAD = """# Server versions

<!-- Made by `python -m tools.docs` from the data of the tests; do not edit. -->

The provider and the emulator know Airbyte from 0.44 to 2.0. How far a version was compared with the real one differs:

- **run whole**: the server of that version was built from its tag and run with a database of its own; its answers are
  recorded, and each test run sends the same requests to the emulator. Only the workflow engine was a stand-in, so what
  jobs do to rows is not part of it.
- **diff code run**: the part of that version's code that compares catalogs and decides what is reset was run; our
  mirror of it gives the same answers.
- **specification**: every request that we send and every answer of the emulator is checked against the OpenAPI
  specification of that version, in `tests/contract` and `tests/emulator`. A clone without the specifications leaves
  these tests out and says so.
- **read**: what is only written down from reading the server's source. All that is said of a version between two of
  these is read.

| version | run whole | diff code run | specification |
| --- | --- | --- | --- |
"""


def servers() -> str:
    """The page."""
    vectors = _json(_TESTS / "vectors" / "catalog_diff.json")
    answered = Counter(era for case in vectors["cases"] for era in case["answers"])
    versions = sorted({*RUN_WHOLE, *SPECIFIED, *vectors["eras"]}, key=_number)
    rows = [
        f"| {version} | {_yes(version in RUN_WHOLE)} | {answered.get(version) or '-'} "
        f"| {_yes(version in SPECIFIED)} |\n"
        for version in versions
    ]
    parts = [_HEAD, *rows, "\nThe number is that of the pairs of catalogs. Each version's code stands for those "]
    parts.append("around it: `tests/vectors/README.md`\ntells which.\n")
    parts += ["\n## What was recorded\n\n", _recorded(), "\n## Requests by endpoint\n\n", _endpoints()]
    parts += ["\n## Answers that differ\n\n", _allowed(), "\n## What is read\n\n", _rules()]
    return "".join(parts)


def _recorded() -> str:
    """What stands in the recordings, how much of it has an answer."""
    kinds = {
        "requests": "requests of every kind, status and body of the answer",
        "updates": "random updates: what the server reset or refreshed",
        "diffs": "random schema changes: the diff that was shown",
    }
    text = f"| compared | {' | '.join(RUN_WHOLE)} |\n| --- |{' --- |' * len(RUN_WHOLE)}\n"
    for kind, words in kinds.items():
        cases = [_json(_RECORDED / f"{kind}-{version}.json")["cases"] for version in RUN_WHOLE]
        counts = " | ".join(str(sum(1 for case in each if "answerNotHere" not in case)) for each in cases)
        text += f"| {words} | {counts} |\n"
    return text


def _endpoints() -> str:
    """How many requests to each endpoint have a recorded answer."""
    counts = {version: Counter(_paths(version)) for version in RUN_WHOLE}
    paths = sorted({path for each in counts.values() for path in each})
    text = f"| endpoint | {' | '.join(RUN_WHOLE)} |\n| --- |{' --- |' * len(RUN_WHOLE)}\n"
    for path in paths:
        text += f"| `{path}` | {' | '.join(str(counts[version][path] or '-') for version in RUN_WHOLE)} |\n"
    return text


def _paths(version: str) -> list[str]:
    cases = _json(_RECORDED / f"requests-{version}.json")["cases"]
    requests = [case["request"]["path"] for case in cases if "answerNotHere" not in case]
    return [path.removeprefix("/api/v1/") for path in requests]


def _allowed() -> str:
    """The answers whose bodies may differ, each with its reason."""
    allowed = yaml.safe_load((_RECORDED / "allowed.yaml").read_text())
    text = "Every status is the recorded one. Texts for people and stack traces are not compared, nor are these bodies:"
    text += "\n\n"
    for version, numbers in allowed.items():
        text += "".join(f"- {version}, exchange {number}: {reason}\n" for number, reason in numbers.items())
    return text


def _rules() -> str:
    """How many rules the emulator claims, by the versions that have them."""
    rules = yaml.safe_load((_TESTS / "emulator" / "rules.yaml").read_text())
    counts = Counter(rule["versions"] for rule in rules)
    text = (
        f"The emulator claims {len(rules)} rules of the server's source, each with a test that shows it "
        "(`tests/emulator/rules.yaml`). "
        f"{counts.pop('all')} are said of every version; these begin or end at a version, which is read "
        "unless it is one of those above:\n\n| versions | rules |\n| --- | --- |\n"
    )
    ordered = sorted(counts, key=lambda versions: (_number(versions.removeprefix("to ").rstrip("+")), versions))
    return text + "".join(f"| {versions} | {counts[versions]} |\n" for versions in ordered)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _yes(yes: bool) -> str:
    return "yes" if yes else "-"


def _json(path: Path) -> Any:
    return json.loads(path.read_text())
