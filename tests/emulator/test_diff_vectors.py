"""The emulator's own catalog diff and reset decision against the answers of Airbyte's code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.emulator.catalog.diff import DuplicateStreamError, catalog_diff, configured_by_key, is_breaking
from pulumi_airbyte_wb.emulator.catalog.json_schema import SchemaNotAnObjectError
from pulumi_airbyte_wb.emulator.catalog.selection import SelectionError, all_streams, duplicate_of, selected_streams
from pulumi_airbyte_wb.emulator.connection.reset_decision import reset_decision
from pulumi_airbyte_wb.emulator.core.streams import Key
from pulumi_airbyte_wb.emulator.core.versions import Rules

Doc = dict[str, Any]

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "catalog_diff.json").read_text(encoding="utf-8"))
CASES = [
    pytest.param(case, era, answer, id=f"{case['id']}-{era}")
    for case in VECTORS["cases"]
    for era, answer in case["answers"].items()
]

_TYPES = "what is stored of references to WellKnownTypes.json is read as plain types, which the vectors' update was not"
_NULLS = "the whole server fails at a list that is null on one side, or takes it for another one (real-server.md A2)"
_HASHED = "hashedFields become mappers as they are stored, before anything is compared: test_replay.py shows them"
_CHECKS = "the whole server checks the selected fields of the answer again, and refuses it"
WHOLE_SERVER = {
    "edge-ref-to-type-0.50.0": _TYPES,
    "edge-ref-to-type-0.63.0": _TYPES,
    "edge-oneof-untyped-branches-0.50.0": _TYPES,
    "edge-oneof-untyped-branches-0.63.0": _TYPES,
    "random-0106-0.50.0": _TYPES,
    "random-0106-0.63.0": _TYPES,
    "edge-config-lists-absent-2.0.0": _NULLS,
    "edge-config-cursor-null-one-side-2.0.0": _NULLS,
    "edge-mapper-hashing-legacy-2.0.0": _HASHED,
    "random-0124-2.0.0": _CHECKS,
    "random-0276-2.0.0": _CHECKS,
}
"""The answers of parts of the server's code that the whole server does not give, and why; the recordings are right."""


def _sorted(items: list[Any]) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def _diff(transforms: list[Doc]) -> Doc:
    """The vectors' form of a diff: updates as an object, null namespaces, everything sorted."""
    found = []
    for transform in transforms:
        part = transform["streamDescriptor"]
        shown: Doc = {**transform, "streamDescriptor": {"name": part["name"], "namespace": part.get("namespace")}}
        if "updateStream" in transform:
            update = transform["updateStream"]
            if isinstance(update, list):
                update = {"fieldTransforms": update, "streamAttributeTransforms": []}
            shown["updateStream"] = {name: _sorted(parts) for name, parts in update.items()}
        found.append(shown)
    return {"transforms": _sorted(found), "breaking": is_breaking(transforms)}


def _keys(keys: list[Key]) -> list[str]:
    return _sorted([{"name": key.name, "namespace": key.namespace} for key in keys])


def _answer(question: Callable[[], Doc]) -> Doc:
    try:
        return question()
    except SelectionError as problem:
        return {"error": problem.word}
    except DuplicateStreamError:
        return {"error": "duplicate-stream"}
    except SchemaNotAnObjectError:
        return {"error": "schema-not-an-object"}


@pytest.mark.parametrize(("case", "era", "answer"), CASES)
def test_diff(case: Doc, era: str, answer: Doc) -> None:
    rules = Rules(era)

    def question() -> Doc:
        configured = configured_by_key(selected_streams(case["old"], rules))
        return _diff(catalog_diff(all_streams(case["old"], rules), all_streams(case["new"], rules), configured, rules))

    wanted = answer["diff"]
    assert _answer(question) == (wanted if "error" in wanted else _diff(wanted["transforms"]))


@pytest.mark.parametrize(("case", "era", "answer"), [case for case in CASES if case.id not in WHOLE_SERVER])
def test_update(case: Doc, era: str, answer: Doc) -> None:
    rules = Rules(era)

    def question() -> Doc:
        if rules.has("duplicateStreams.refused") and (duplicate_of(case["old"]) or duplicate_of(case["new"])):
            raise DuplicateStreamError
        old, new = selected_streams(case["old"], rules), selected_streams(case["new"], rules)
        decision = reset_decision(old, new, "stream", rules)
        return {
            "reset": _keys(decision.streams),
            "configChanged": _keys(decision.config_changed),
            "diff": _diff(decision.diff),
        }

    wanted = answer["update"]
    if "error" not in wanted:
        wanted = {
            "reset": _sorted(wanted["reset"]),
            "configChanged": _sorted(wanted["configChanged"]),
            "diff": _diff(wanted["diff"]["transforms"]),
        }
    assert _answer(question) == wanted
