"""``resets`` as a class and as a dict: one set of keys, and the same property."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from typing import Any

import pytest

import pulumi_airbyte_wb as airbyte
from pulumi_airbyte_wb.resources.resets import resets_property
from pulumi_airbyte_wb.spec.resets import Resets, read_resets
from tests.bad_input.program import Later, declare

KEYS = {each.name for each in fields(Resets)} - {"spent"}
ALL: airbyte.ResetsArgsDict = {
    "default": "skip",
    "overrides": {"public.events": "reset"},
    "permits": ["public.events AWB210 2026-12-31"],
    "backfill": True,
    "wait": "filled",
    "after_clear": "schedule",
    "running": "cancel",
    "timeout_minutes": 5,
    "destination_loading": "direct_load",
}


def test_every_key_is_an_argument_a_key_of_the_dict_and_an_entry_of_the_docstring() -> None:
    described = re.findall(
        r"^    (\w+): ", (inspect.getdoc(airbyte.Resets) or "").partition("Raises:")[0], re.MULTILINE
    )
    assert set(described) == KEYS
    assert set(airbyte.ResetsArgsDict.__annotations__) == KEYS == set(ALL)
    assert set(inspect.signature(airbyte.Resets).parameters) - {"unknown"} == KEYS
    assert set(vars(airbyte.Resets())) == KEYS


def test_both_forms_are_the_same_property() -> None:
    given: dict[str, Any] = dict(ALL)
    assert resets_property(airbyte.Resets(**given)) == resets_property(ALL) == ALL
    assert resets_property(airbyte.Resets()) == {}
    assert resets_property(None) is None
    assert read_resets(resets_property(airbyte.Resets(**given)), "resets") != Resets()


def test_what_was_given_is_an_attribute() -> None:
    resets = airbyte.Resets(default="skip", timeout_minutes=5)
    assert (resets.default, resets.timeout_minutes, resets.wait) == ("skip", 5, None)


@pytest.mark.parametrize("resource", ["Connection", "Catalog"])
@pytest.mark.parametrize("form", [airbyte.Resets, dict])
@pytest.mark.parametrize("later", [False, True])
def test_a_resource_takes_both_forms_known_now_or_later(resource: str, form: Any, *, later: bool) -> None:
    resets = form(default="sometimes")
    arguments = {"connection_id": "x"} if resource == "Catalog" else {"source_id": "x", "destination_id": "x"}
    said = declare(resource, {**arguments, "streams": [], "resets": Later(resets) if later else resets}, {})
    assert any(
        words.startswith("resets.default: 'sometimes' is not possible here; use 'auto' or") for words in said.words
    )


def test_a_key_that_does_not_exist_is_one_sentence() -> None:
    with pytest.raises(
        airbyte.ProgramError, match=r"^Resets: defualt='skip' is no argument; did you mean 'default'\?$"
    ):
        airbyte.Resets(defualt="skip")  # type: ignore[arg-type]
    arguments = {"source_id": "x", "destination_id": "x", "resets": {"defualt": "skip"}}
    words = declare("Connection", arguments, {}).words
    assert "resets.defualt: 'defualt' is not a property of resets; did you mean 'default'?" in words
