"""The answers of Airbyte's own code (tests/vectors/README.md): every case, every era, both questions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pulumi_airbyte_wb.errors import CatalogError
from pulumi_airbyte_wb.models import StreamDescriptor, SyncCatalog
from pulumi_airbyte_wb.server_rules.diff import CatalogDiff, diff_catalogs
from pulumi_airbyte_wb.server_rules.resets import server_resets, server_update

Json = dict[str, Any]

CASES: list[Json] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "catalog_diff.json").read_text(encoding="utf-8")
)["cases"]

VERSIONS = [
    ("0.50.0", "0.50.0"),
    ("0.50.0", "v0.50.17"),
    ("0.63.0", "0.61.0"),
    ("0.63.0", "0.63.0"),
    ("0.63.0", "0.63.13"),
    ("2.0.0", "1.4.0"),
    ("2.0.0", "1.8.0"),
    ("2.0.0", "2.0.0"),
    ("2.0.0", "2.3.1"),
]
EXCEPT = {
    # Before its classes were rewritten in Kotlin (1.8.0) the server could not compare a stream that is listed twice.
    ("1.4.0", "diff", "edge-duplicate-stream"),
}
REFUSED = {("update", "edge-mapper-unknown-field"): {"error": "mapper-refused"}}
"""What the handler refuses before it comes to the code that gave the vectors (tests/vectors/README.md)."""


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def sorted_diff(diff: Json) -> Json:
    """An answer with every list that is a set of the server in one order."""
    ordered = json.loads(json.dumps(diff))
    for transform in ordered["transforms"]:
        for changes in transform.get("updateStream", {}).values():
            changes.sort(key=canonical)
    ordered["transforms"].sort(key=canonical)
    return ordered  # type: ignore[no-any-return]


def answer_diff(diff: CatalogDiff) -> Json:
    return sorted_diff(diff.as_dict())


def answer_streams(streams: Iterable[StreamDescriptor]) -> list[Json]:
    return sorted(({"name": each.name, "namespace": each.namespace} for each in streams), key=canonical)


def ask_diff(case: Json, version: str) -> Json:
    return answer_diff(diff_catalogs(case["old"], case["new"], server_version=version))


def ask_update(case: Json, version: str) -> Json:
    update = server_update(case["old"], case["new"], server_version=version)
    assert server_resets(case["old"], case["new"], server_version=version) == update.reset
    return {
        "reset": answer_streams(update.reset),
        "configChanged": answer_streams(update.config_changed),
        "diff": answer_diff(update.diff),
    }


QUESTIONS = {"diff": ask_diff, "update": ask_update}


def ask(question: str, case: Json, version: str) -> Json:
    try:
        return QUESTIONS[question](case, version)
    except CatalogError as error:
        return {"error": error.code}


def expected(question: str, case: Json, era: str) -> Json:
    answer: Json = REFUSED.get((question, case["id"]), case["answers"][era][question])
    if "error" in answer:
        return answer
    if question == "diff":
        return sorted_diff(answer)
    return {
        "reset": sorted(answer["reset"], key=canonical),
        "configChanged": sorted(answer["configChanged"], key=canonical),
        "diff": sorted_diff(answer["diff"]),
    }


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("group", ["edge", "random"])
@pytest.mark.parametrize(("era", "version"), VERSIONS)
def test_every_answer_is_airbytes_own(era: str, version: str, group: str, question: str) -> None:
    asked = [case for case in CASES if case["group"] == group and era in case["answers"]]
    wrong = [
        f"{case['id']} ({case['note']})"
        for case in asked
        if (version, question, case["id"]) not in EXCEPT
        and canonical(ask(question, case, version)) != canonical(expected(question, case, era))
    ]
    assert len(asked) >= 100
    assert not wrong, f"{len(wrong)} of {len(asked)} answers differ: " + "; ".join(wrong)


def has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_null(each) for each in value.values())
    if isinstance(value, list):
        return any(has_null(each) for each in value)
    return value is None


@pytest.mark.parametrize("question", QUESTIONS)
def test_models_of_catalogs_are_read_like_their_json(question: str) -> None:
    asked = 0
    for case in CASES:
        if has_null([case["old"], case["new"]]):
            continue  # our models never send a null
        models = case | {side: SyncCatalog.model_validate(case[side]) for side in ("old", "new")}
        answer = expected(question, case, "2.0.0")
        assert canonical(ask(question, models, "2.0.0")) == canonical(answer), case["id"]
        asked += 1
    assert asked > 300


def test_catalogs_are_not_changed() -> None:
    for case in CASES:
        before = canonical([case["old"], case["new"]])
        for question in QUESTIONS:
            ask(question, case, "2.0.0")
        assert canonical([case["old"], case["new"]]) == before, case["id"]
