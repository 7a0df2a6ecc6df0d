"""The one-line form of a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import ConfiguredStream, StreamDescriptor
from pulumi_airbyte_wb.spec.stream_parts import GUARANTEES, parse_key
from pulumi_airbyte_wb.spec.streams import MODES, StreamSpec, configure, kept, observe, offered, parse_mode, unselected

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name.isprintable())
PATHS = st.lists(NAMES, min_size=1, max_size=2).map(tuple)
SPECS = st.builds(
    StreamSpec,
    mode=st.sampled_from(list(MODES.values())),
    cursor=st.none() | PATHS,
    key=st.none() | st.frozensets(PATHS, max_size=3),
    fields=st.none() | st.frozensets(NAMES, max_size=3),
    include_files=st.none() | st.booleans(),
    destination_object_name=st.none() | NAMES,
    guarantees=st.frozensets(st.sampled_from(GUARANTEES)),
)


@given(SPECS)
def test_a_line_reads_back_as_what_was_written(spec: StreamSpec) -> None:
    assert StreamSpec.parse(spec.line) == spec


@given(st.builds(StreamDescriptor, namespace=st.none() | st.just("") | NAMES, name=NAMES))
def test_a_stream_key_reads_back_as_what_was_written(stream: StreamDescriptor) -> None:
    assert StreamDescriptor.parse(stream.key) == stream


def test_order_of_key_and_fields_has_no_meaning() -> None:
    one = StreamSpec.parse("incremental_append_dedup key=region,id cursor=ts fields=b,a")
    other = StreamSpec.parse("incremental_append_dedup fields=a,b cursor=ts key=id,region")
    assert one.line == other.line == "incremental_append_dedup cursor=ts key=id,region fields=a,b"


@pytest.mark.parametrize(
    ("line", "path", "words"),
    [
        ("incremental_append_dedupe", "s.mode", "did you mean 'incremental_append_dedup'"),
        ("incremental_deduped_history", "s.mode", "did you mean 'incremental_append_dedup'"),
        ("incremental_overwrite", "s.mode", "appends instead of overwriting"),
        ("", "s.mode", "is not a sync mode"),
        ("incremental_append cursr=ts", "s.cursr", "did you mean 'cursor'"),
        ("incremental_append cursor", "s.cursor", "is not a property of a stream"),
        ("incremental_append cursor=a.", "s.cursor", "has an empty part"),
        ("incremental_append cursor=a cursor=b", "s.cursor", "is given twice"),
        ("full_refresh_overwrite mappers={}", "s.mappers", "is not a list of mappers"),
        ("full_refresh_overwrite files=maybe", "s.files", "is neither 'yes' nor 'no'"),
        (
            "incremental_append_dedup guarantees=cursor_grow",
            "s.guarantees",
            "'cursor_grow' is not a guarantee; use cursor_monotonic, key_unique",
        ),
    ],
)
def test_a_mistake_names_the_property_and_a_hint(line: str, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        StreamSpec.parse(line, "s")
    assert caught.value.path == path
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("word", "incremental", "dedup", "overwrites"),
    [
        ("full_refresh_overwrite", False, False, True),
        ("full_refresh_overwrite_dedup", False, True, True),
        ("full_refresh_append", False, False, False),
        ("full_refresh_append_dedup", False, True, False),
        ("incremental_append", True, False, False),
        ("incremental_append_dedup", True, True, False),
    ],
)
def test_what_a_mode_promises(word: str, incremental: bool, dedup: bool, overwrites: bool) -> None:
    mode = parse_mode(word, "s")
    assert mode.word == word
    assert (mode.incremental, mode.dedup, mode.overwrites) == (incremental, dedup, overwrites)


def test_no_incremental_mode_overwrites() -> None:
    assert [mode.word for mode in MODES.values() if mode.incremental and mode.overwrites] == []
    assert len(MODES) == 10


def test_parts_that_are_declared_empty_are_written() -> None:
    spec = StreamSpec(
        MODES["full_refresh_append"], (), frozenset(), frozenset(), (), include_files=False, destination_object_name=""
    )
    assert spec.line == 'full_refresh_append cursor= key= fields=* mappers=[] files=no object=""'
    assert StreamSpec.parse(spec.line) == spec


@pytest.mark.parametrize(
    ("line", "part", "value"),
    [
        ("incremental_append   cursor=a   key=b ", "cursor", ("a",)),
        ('incremental_append cursor="a b".c', "cursor", ("a b", "c")),
        ('incremental_append cursor="a\\"b" key=b', "cursor", ('a"b',)),
        ('incremental_append_dedup key="a,b",c', "key", frozenset({("a,b",), ("c",)})),
        ('full_refresh_append mappers=[{"type": "x", "a": [1, "] }"]}] files=yes', "files", None),
        ("full_refresh_append object=raw.users", "destination_object_name", "raw.users"),
        ("full_refresh_append files=yes", "include_files", True),
        ("incremental_append guarantees=key_unique,cursor_monotonic", "guarantees", frozenset(GUARANTEES)),
    ],
)
def test_quotes_and_brackets_keep_a_value_together(line: str, part: str, value: object) -> None:
    spec = StreamSpec.parse(line)
    if part == "files":
        assert spec.mappers == ('{"a":[1,"] }"],"type":"x"}',)
        assert spec.include_files is True
    else:
        assert getattr(spec, part) == value


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("full_refresh", "only one half of a mode; declare 'full_refresh_overwrite' or 'full_refresh_append'"),
        ("overwrite", "did you mean 'full_refresh_overwrite'?"),
        ("Full refresh | Overwrite + Deduped", "did you mean 'full_refresh_overwrite_dedup'?"),
        ("incremental_deduped_history cursor=x", "did you mean 'incremental_append_dedup'?"),
        ("incremental_append cursorField=x", "declare cursor"),
        ("zzzzzz", "use one of full_refresh_overwrite, full_refresh_append, "),
        ("incremental_append xyzzy=1", "use cursor, key, fields, mappers, files, object, guarantees"),
        ("incremental_append cursor =a", "is not a property of a stream"),
        ("incremental_append zz cursor=a", "is not a property of a stream"),
        ("full_refresh_append mappers=[7]", "is not a list of mappers"),
        ('full_refresh_append mappers=[{"id":"x"}]', "is not a list of mappers"),
        ("full_refresh_append mappers=[", "is not a list of mappers"),
        ("incremental_append guarantees=zzz", "'zzz' is not a guarantee; use cursor_monotonic, key_unique"),
    ],
)
def test_what_a_line_cannot_say(line: str, words: str) -> None:
    with pytest.raises(DeclarationError, match="s\\.") as caught:
        StreamSpec.parse(line, "s")
    assert words in str(caught.value)


def test_an_empty_key_has_no_columns() -> None:
    assert parse_key("", "s") == frozenset()
    assert parse_key("a", "s") == frozenset({("a",)})


FULL = 'cursor=ts key=id fields=id mappers=[{"type":"x"}] files=yes object=o'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"incremental_append_dedup {FULL}", f"incremental_append_dedup {FULL}"),
        (f"full_refresh_append {FULL}", 'full_refresh_append fields=id mappers=[{"type":"x"}] files=yes object=o'),
        ('incremental_append_dedup cursor= key= fields=* mappers=[] files=no object=""', "incremental_append_dedup"),
    ],
)
def test_parts_that_say_nothing_are_not_told(line: str, told: str) -> None:
    assert StreamSpec.parse(line).told().line == told


def test_what_a_note_leaves_out_can_be_filled_in_again() -> None:
    bare = StreamSpec.parse("full_refresh_append").in_full()
    assert (bare.cursor, bare.key, bare.fields, bare.mappers) == ((), frozenset(), frozenset(), ())
    assert (bare.include_files, bare.destination_object_name) == (False, "")
    mapper = '{"mapperConfiguration":{},"type":"hashing"}'
    whole = f"incremental_append_dedup cursor=a key=b fields=a,b mappers=[{mapper}] files=yes object=o"
    assert StreamSpec.parse(whole).in_full().line == whole


def test_a_comparison_looks_at_declared_parts_alone() -> None:
    live = StreamSpec.parse("incremental_append_dedup cursor=ts key=id guarantees=key_unique")
    spec = StreamSpec.parse("full_refresh_append key=n guarantees=cursor_monotonic")
    assert spec.declared_only(live).line == "incremental_append_dedup key=id guarantees=cursor_monotonic"


def entry(**config: object) -> ConfiguredStream:
    return ConfiguredStream.model_validate(
        {
            "stream": {
                "name": "users",
                "namespace": "public",
                "jsonSchema": {"properties": {"id": {}, "ts": {}}},
                "defaultCursorField": ["ts"],
                "isNew": True,
            },
            "config": {
                "syncMode": "incremental",
                "destinationSyncMode": "append_dedup",
                "cursorField": ["ts"],
                "primaryKey": [["b"], ["a"]],
                "selected": True,
                "newerField": 7,
                **config,
            },
        }
    )


def test_what_is_not_declared_stays() -> None:
    sent = configure(entry(), StreamSpec.parse("incremental_append_dedup")).wire()
    assert sent["config"]["cursorField"] == ["ts"]
    assert sent["config"]["primaryKey"] == [["b"], ["a"]]
    assert sent["config"]["newerField"] == 7
    assert sent["stream"]["isNew"] is True


def test_an_equal_key_keeps_the_order_that_the_server_has() -> None:
    """Normalization hashes the key's columns in their order: sending another order would double rows."""
    sent = configure(entry(), StreamSpec.parse("incremental_append_dedup key=a,b"))
    assert sent.config.primary_key == [["b"], ["a"]]


def test_configuring_twice_is_as_configuring_once() -> None:
    spec = StreamSpec.parse("incremental_append_dedup cursor=id key=id fields=id,ts")
    once = configure(offered(entry()), spec)
    assert configure(once, spec) == once
    assert (seen := observe(once)) is not None
    assert spec.in_words(seen) == spec


def test_the_id_of_a_mapper_is_the_servers() -> None:
    live = entry(mappers=[{"id": "x", "type": "hashing", "mapperConfiguration": {"targetField": "email"}}])
    seen = observe(live)
    assert seen is not None
    assert seen.mappers == ('{"mapperConfiguration":{"targetField":"email"},"type":"hashing"}',)


def test_a_live_stream_is_observed_in_every_part() -> None:
    full = entry(
        fieldSelectionEnabled=True,
        selectedFields=[{"fieldPath": ["id"]}, {"fieldPath": []}],
        includeFiles=True,
        destinationObjectName="o",
    )
    seen = observe(full)
    assert seen is not None
    assert seen.line == "incremental_append_dedup cursor=ts key=a,b fields=id mappers=[] files=yes object=o"


def test_a_selection_that_is_off_selects_everything() -> None:
    seen = observe(entry(fieldSelectionEnabled=False, selectedFields=[{"fieldPath": ["id"]}]))
    assert seen is not None
    assert seen.fields == frozenset()


def test_a_mode_outside_the_vocabulary_is_not_observed() -> None:
    assert observe(entry(destinationSyncMode="overwrite")) is None


def test_a_stream_of_a_mode_outside_the_vocabulary_is_configured() -> None:
    sent = configure(entry(destinationSyncMode="overwrite"), StreamSpec.parse("incremental_append_dedup key=a,b"))
    assert sent.config.primary_key == [["a"], ["b"]]


def source(**stream: object) -> ConfiguredStream:
    """A stream as it is before anything is configured of it."""
    bare = offered(entry())
    return bare.model_copy(update={"stream": bare.stream.model_copy(update=stream)})


def configured(line: str, live: ConfiguredStream) -> list[object]:
    config = configure(live, StreamSpec.parse(line)).config
    return [config.cursor_field, config.primary_key]


def test_cursor_and_key_that_are_not_declared_are_the_sources_own() -> None:
    own = source(source_defined_primary_key=[["id"]])
    assert configured("incremental_append_dedup", own) == [["ts"], [["id"]]]
    assert configured("full_refresh_append_dedup", own) == [[], [["id"]]]
    assert configured("incremental_append", own) == [["ts"], []]
    assert configured("full_refresh_append", own) == [[], []]
    assert configured("incremental_append_dedup cursor=id key=ts", own) == [["id"], [["ts"]]]


def test_a_full_read_that_deduplicates_orders_by_no_cursor() -> None:
    assert configured("full_refresh_append_dedup", entry()) == [[], [["b"], ["a"]]]
    assert configured("full_refresh_append", entry()) == [["ts"], [["b"], ["a"]]]


def test_what_is_declared_is_sent() -> None:
    line = 'full_refresh_append fields=ts,id mappers=[{"type":"x"}] files=yes object=o'
    config = configure(entry(selected=False), StreamSpec.parse(line)).wire()["config"]
    assert config["selected"] is True
    assert (config["syncMode"], config["destinationSyncMode"]) == ("full_refresh", "append")
    assert config["fieldSelectionEnabled"] is True
    assert config["selectedFields"] == [{"fieldPath": ["id"]}, {"fieldPath": ["ts"]}]
    assert config["mappers"] == [{"type": "x"}]
    assert config["includeFiles"] is True
    assert config["destinationObjectName"] == "o"


def test_all_fields_are_no_selection() -> None:
    some = entry(fieldSelectionEnabled=True, selectedFields=[{"fieldPath": ["id"]}])
    config = configure(some, StreamSpec.parse("incremental_append_dedup fields=*")).config
    assert config.field_selection_enabled is False
    assert config.selected_fields == []


def test_what_is_equal_keeps_the_servers_form() -> None:
    mappers = [{"id": "x", "type": "hashing"}]
    selected = [{"fieldPath": ["ts"]}, {"fieldPath": ["id"]}]
    live = entry(mappers=mappers, fieldSelectionEnabled=True, selectedFields=selected)
    line = 'incremental_append_dedup fields=id,ts mappers=[{"type":"hashing"}] files=no object=""'
    config = configure(live, StreamSpec.parse(line)).wire()["config"]
    assert config["mappers"] == mappers
    assert config["selectedFields"] == selected
    assert "includeFiles" not in config
    assert "destinationObjectName" not in config


def test_a_discovered_stream_starts_from_nothing_but_its_name() -> None:
    config = offered(entry(aliasName="users")).wire()["config"]
    assert config == {
        "syncMode": "full_refresh",
        "destinationSyncMode": "overwrite",
        "aliasName": "users",
        "cursorField": [],
        "primaryKey": [],
        "selected": False,
    }


def test_a_stream_is_taken_out_with_its_configuration() -> None:
    out = unselected(entry())
    assert not out.config.selected
    assert out.config.cursor_field == ["ts"]


@pytest.mark.parametrize(
    ("modes", "own", "sent"),
    [
        (("full_refresh", "append_dedup"), True, []),
        (("full_refresh", "overwrite_dedup"), True, []),
        (("full_refresh", "append_dedup"), False, ["ts"]),
        (("full_refresh", "append"), True, ["ts"]),
        (("incremental", "append_dedup"), True, ["ts"]),
        (("full_refresh", "unheard_of"), True, ["ts"]),
    ],
)
def test_a_full_read_is_sent_back_without_the_sources_own_cursor(
    modes: tuple[str, str], own: bool, sent: list[str]
) -> None:
    live = ConfiguredStream.model_validate(
        {
            "stream": {"name": "s", "jsonSchema": {}, "sourceDefinedCursor": own, "defaultCursorField": ["ts"]},
            "config": {"syncMode": modes[0], "destinationSyncMode": modes[1], "cursorField": ["ts"], "selected": True},
        }
    )
    assert kept(live).config.cursor_field == sent
    assert kept(live).stream == live.stream
