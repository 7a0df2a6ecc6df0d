"""Streams from files: forms, mistakes with their lines, a thousand of them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

import pulumi_airbyte_wb as airbyte

GOOD = """\
# the shop
public.users: incremental_append_dedup cursor=updated_at key=id,region
public.events:
  mode: incremental_append
  cursor: ts
public.flags: {mode: full_refresh_overwrite_dedup, key: [no, on], fields: [no, on, "yes"]}
"a.b": full_refresh_append
public.dim_*: full_refresh_overwrite
public.hashed:
  mode: full_refresh_overwrite
  mappers:
    - {type: hashing, mapperConfiguration: {targetField: email, method: SHA-256, fieldNameSuffix: _h}}
  include_files: true
  destination_object_name: The Object
public.plain: {mode: full_refresh_overwrite, include_files: no}
"""


def read(folder: Path, text: str, name: str = "streams.yaml") -> list[airbyte.Stream]:
    (folder / name).write_text(text)
    return airbyte.streams_from_file(folder / name)


def lines(streams: list[airbyte.Stream]) -> dict[str, str]:
    return {each.name: str(each.line) for each in streams}


def test_lines_mappings_and_patterns(tmp_path: Path) -> None:
    found = lines(read(tmp_path, GOOD))
    assert found["public.users"] == "incremental_append_dedup cursor=updated_at key=id,region"
    assert found["public.events"] == "incremental_append cursor=ts"
    assert found["public.flags"] == "full_refresh_overwrite_dedup key=no,on fields=no,on,yes"
    assert found["public.dim_*"] == "full_refresh_overwrite"
    assert found["public.plain"] == "full_refresh_overwrite files=no"
    assert found["public.hashed"].endswith('files=yes object="The Object"')
    assert '"targetField":"email"' in found["public.hashed"]


def test_a_list_and_json_say_the_same(tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = [
        {"name": "public.users", "mode": "incremental_append_dedup", "cursor": "updated_at", "key": ["id", "region"]},
        {"name": "public.events", "mode": "incremental_append", "cursor": "ts"},
    ]
    good = lines(read(tmp_path, GOOD))
    want = {name: good[name] for name in ("public.users", "public.events")}
    assert lines(read(tmp_path, json.dumps(entries, indent="\t"), "list.json")) == want
    by_name = {entry["name"]: {k: v for k, v in entry.items() if k != "name"} for entry in entries}
    assert lines(read(tmp_path, json.dumps(by_name), "map.json")) == want
    listed = "- {name: public.users, mode: incremental_append_dedup, cursor: updated_at, key: [id, region]}\n"
    assert lines(read(tmp_path, listed)) == {"public.users": want["public.users"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.b: incremental_apend\n", "streams.yaml:1: a.b.mode: 'incremental_apend' is not a sync mode; did you mean"),
        ("\n\na.b:\n  mode: incremental_append\n  cursr: ts\n",
         "streams.yaml:5: a.b: 'cursr' is no argument of a stream; did you mean 'cursor'?"),
        ("a.b:\n  cursor: ts\n", "streams.yaml:2: a.b: mode is missing"),
        ("a.b: full_refresh_append\nc.d: full_refresh_append\na.b: incremental_append\n",
         "streams.yaml:3: 'a.b' is declared twice, first in line 1"),
        ("a.b: {mode: full_refresh_append, mode: full_refresh_append}\n", "streams.yaml:1: a.b.mode is given twice"),
        ("a.b:\n  mode: full_refresh_overwrite\n  key: id\n", "streams.yaml:3: a.b.key: 'id' has no use"),
        ("a.b:\n  mode: incremental_append\n  cursor: [{x: y}]\n", "streams.yaml:3: a.b.cursor is not a text"),
        ("a.b: {mode: x, primaryKey: [[id]]}\n", "a.b: 'primaryKey' is no argument of a stream; declare key"),
        ("a.b:\n  mode: full_refresh_append\n  include_files: maybe\n", "streams.yaml:3: a.b.include_files is neither"),
        ("a.b:\n  mode: full_refresh_append\n  mappers: hashing\n", "streams.yaml:3: a.b.mappers is not a list"),
        ("a.b: [1]\n", "streams.yaml:1: a.b: a stream is a line or a mapping"),
        ("a..b: full_refresh_append\n", "streams.yaml:1: 'a..b' is not a stream's name: it has an empty part"),
        ("a.b: 'full_refresh_append\n", "streams.yaml:2: no YAML: "),
        ("a.b:\n\tmode: x\n", "streams.yaml:2: no YAML: "),
        ("- public.users\n", "streams.yaml:1: a stream needs a name and a mode"),
        ("just words\n", "streams.yaml:1: the file holds neither"),
        ("", "streams.yaml is empty"),
        ("a.b: ''\n", "streams.yaml:1: a.b.mode: '' is not a sync mode"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_lines(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(airbyte.ProgramError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_broken_json_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(airbyte.ProgramError, match=r"s\.json:3: no JSON: "):
        read(tmp_path, '{\n "a.b": "full_refresh_append",\n}', "s.json")
    with pytest.raises(airbyte.ProgramError, match=r"s\.json:2: a\.b\.mode: 'x' is not a sync mode"):
        read(tmp_path, '{\n\t"a.b": "x"}', "s.json")


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(airbyte.ProgramError, match=r"'.*missing\.yaml' cannot be read: No such file"):
        airbyte.streams_from_file(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes("a.b: \xe9".encode("latin-1"))
    with pytest.raises(airbyte.ProgramError, match="no UTF-8"):
        airbyte.streams_from_file(tmp_path / "latin.yaml")


def test_the_first_mistakes_of_many_are_told(tmp_path: Path) -> None:
    with pytest.raises(airbyte.ProgramError, match=r"streams.yaml:1: .*streams.yaml:5: .*; and 95 more mistakes$"):
        read(tmp_path, "".join(f"a.t{n}: nonsense\n" for n in range(100)))


def test_a_thousand_streams(tmp_path: Path) -> None:
    text = "".join(f"s.t{n:04}:\n  mode: incremental_append_dedup\n  cursor: ts\n  key: [id]\n" for n in range(1000))
    began = time.process_time()
    found = read(tmp_path, text)
    assert len(found) == 1000
    assert {each.line for each in found} == {"incremental_append_dedup cursor=ts key=id"}
    assert time.process_time() - began < 5


BOMB = "\n".join(
    [
        "public.a:",
        "  mode: full_refresh_append",
        "  mappers:",
        "    - &a0 {type: x, v: [1, 1, 1, 1, 1, 1, 1, 1, 1]}",
        *(f"    - &a{level} {{type: x, v: [{', '.join([f'*a{level - 1}'] * 9)}]}}" for level in range(1, 10)),
    ]
)


@pytest.mark.parametrize(
    "text", [BOMB, "public.a: &x\n  mode: full_refresh_append\n  mappers: [&y {type: x, v: *y}]"], ids=["bomb", "loop"]
)
def test_aliases_that_grow_without_end(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        airbyte.ProgramError, match="its aliases stand for more than 1000000 values, or for themselves; "
    ):
        read(tmp_path, text)


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system ['echo']", "!!python/name:os.system", "!x y"])
def test_no_tag_makes_an_object(tmp_path: Path, tag: str) -> None:
    with pytest.raises(airbyte.ProgramError, match="cannot be read: could not determine a constructor"):
        read(tmp_path, f"public.a:\n  mode: full_refresh_append\n  mappers: {tag}")


def test_aliases_in_measure_are_taken(tmp_path: Path) -> None:
    text = "public.a: &a {mode: full_refresh_append}\npublic.b: *a"
    assert lines(read(tmp_path, text)) == dict.fromkeys(["public.a", "public.b"], "full_refresh_append")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yaml", "definition_type: connection\nconfiguration:\n  sync_catalog: {}\n", "a configuration of octavia"),
        ("a.json", '{"connectionId": "x", "syncCatalog": {"streams": []}}', "an answer of the API about a connection"),
        ("a.json", '{"streams": [{"stream": {"name": "users"}, "sync_mode": "full_refresh"}]}', "a catalog of the API"),
        ("a.yaml", "configurations:\n  streams: []\n", "a connection of Terraform's provider"),
    ],
)
def test_a_file_of_another_tool_is_told_in_one_sentence(tmp_path: Path, name: str, text: str, words: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(airbyte.ProgramError) as caught:
        airbyte.streams_from_file(file)
    assert str(caught.value).startswith(f"streams_from_file: {name} is no list of streams but {words}")
    assert str(caught.value).count(";") == 1


def test_columns_have_the_same_forms_as_in_a_program(tmp_path: Path) -> None:
    file = tmp_path / "streams.yaml"
    file.write_text("public.users: {mode: incremental_append_dedup, cursor: [updated_at], key: [[id], [region]]}\n")
    (read,) = airbyte.streams_from_file(file)
    said = airbyte.stream("public.users", "incremental_append_dedup", cursor=["updated_at"], key=[["id"], ["region"]])
    assert read.line == said.line == "incremental_append_dedup cursor=updated_at key=id,region"


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 100_000, "- " * 100_000 + "x"])
def test_a_deep_file_is_an_error_and_does_not_end_the_process(tmp_path: Path, text: str) -> None:
    file = tmp_path / "streams.yaml"
    file.write_text(text)
    with pytest.raises(airbyte.ProgramError, match="nested too deeply"):
        airbyte.streams_from_file(file)
