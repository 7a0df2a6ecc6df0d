"""What is declared, put into the live catalog."""

import pytest

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.live.merge import is_changed, merge_catalogs, unknown_stream
from pulumi_airbyte_wb.models import ConfiguredStream, StreamDescriptor, SyncCatalog
from pulumi_airbyte_wb.spec.streams import StreamSpec

A, B, C = (StreamDescriptor("public", name) for name in "abc")
APPEND = StreamSpec.parse("full_refresh_append")


def entry(stream: StreamDescriptor, *, selected: bool = True, cursor: str | None = "live") -> ConfiguredStream:
    return ConfiguredStream.model_validate(
        {
            "stream": {"name": stream.name, "namespace": stream.namespace},
            "config": {
                "syncMode": "incremental",
                "destinationSyncMode": "append",
                "cursorField": [cursor] if cursor else [],
                "selected": selected,
            },
        }
    )


def catalog(*entries: ConfiguredStream) -> SyncCatalog:
    return SyncCatalog(streams=list(entries))


def test_a_stream_that_is_not_declared_stays_as_it_is() -> None:
    live = catalog(entry(A), entry(B, selected=False))
    assert merge_catalogs(live, {}, ()) == live


def test_a_full_read_that_is_not_declared_is_sent_without_its_sources_cursor_and_is_no_change() -> None:
    full = entry(B)
    full.config.sync_mode, full.config.destination_sync_mode = "full_refresh", "append_dedup"
    full.stream.source_defined_cursor = True
    live = catalog(entry(A), full)
    merged = merge_catalogs(live, {A: APPEND}, ())
    assert [each.config.cursor_field for each in merged.streams] == [["live"], []]
    assert is_changed(live, merged, {A})
    same = merge_catalogs(live, {}, ())
    assert not is_changed(live, same, ())
    assert is_changed(live, same, {B})


def test_a_declared_stream_keeps_what_is_not_declared_of_it() -> None:
    (merged,) = merge_catalogs(catalog(entry(A)), {A: APPEND}, ()).streams
    assert (merged.config.selected, merged.config.sync_mode) == (True, "full_refresh")
    assert merged.config.cursor_field == ["live"]


def test_a_stream_that_was_out_begins_with_nothing_of_its_old_configuration() -> None:
    (merged,) = merge_catalogs(catalog(entry(A, selected=False)), {A: APPEND}, ()).streams
    assert merged.config.selected
    assert merged.config.cursor_field == []


def test_a_removed_stream_is_taken_out_and_no_other() -> None:
    merged = merge_catalogs(catalog(entry(A), entry(B)), {}, {A})
    assert [each.config.selected for each in merged.streams] == [False, True]


def test_a_stream_that_is_declared_again_is_not_taken_out() -> None:
    (merged,) = merge_catalogs(catalog(entry(A)), {A: APPEND}, {A}).streams
    assert merged.config.selected


def test_a_new_stream_is_taken_from_what_was_discovered_without_its_configuration() -> None:
    merged = merge_catalogs(catalog(entry(A)), {B: APPEND}, (), catalog(entry(A, cursor="x"), entry(B), entry(C)))
    assert list(merged.by_descriptor()) == [A, B]
    assert [each.config.cursor_field for each in merged.streams] == [["live"], []]
    assert merged.by_descriptor()[B].config.selected


def test_the_live_form_of_a_stream_counts_before_the_discovered_one() -> None:
    (merged,) = merge_catalogs(catalog(entry(A)), {A: APPEND}, (), catalog(entry(A, cursor="x"))).streams
    assert merged.config.cursor_field == ["live"]


def test_a_stream_that_is_nowhere_is_refused() -> None:
    for discovered in (None, catalog(entry(B))):
        with pytest.raises(DeclarationError, match="is no stream of the source"):
            merge_catalogs(catalog(entry(A)), {C: APPEND}, (), discovered)


@pytest.mark.parametrize(
    ("stream", "offers", "hint"),
    [
        (StreamDescriptor(None, "a"), [A, B], "did you mean 'public.a'?"),
        (StreamDescriptor("other", "a"), [A, StreamDescriptor("third", "a")], "did you mean 'public.a' or 'third.a'?"),
        (StreamDescriptor("public", "a"), [StreamDescriptor(None, "public.a")], "did you mean '\"public.a\"'?"),
        (StreamDescriptor("public", "users"), [StreamDescriptor("public", "user")], "did you mean 'public.user'?"),
        (StreamDescriptor("x", "zzzzzz"), [B, A], "it has public.a, public.b"),
        (A, [], "it has none"),
        (StreamDescriptor("x", "zzzzzz"), [StreamDescriptor(None, f"s{n}") for n in range(12)], "it has s0, s1, s10"),
        (StreamDescriptor("x", "zzzzzz"), [StreamDescriptor(None, f"s{n}") for n in range(13)], ""),
    ],
)
def test_the_nearest_names_of_an_unknown_stream(
    stream: StreamDescriptor, offers: list[StreamDescriptor], hint: str
) -> None:
    error = unknown_stream(stream, offers)
    assert error.path == f'streams["{stream.key}"]'
    assert hint in error.reason
    assert bool(hint) == any(word in error.reason for word in ("did you mean", "it has"))


def test_a_stream_that_was_out_comes_back_with_the_schema_that_is_sent_along() -> None:
    live, found = entry(A, selected=False), entry(A)
    live.stream.json_schema, found.stream.json_schema = {"title": "old"}, {"title": "new"}
    (merged,) = merge_catalogs(catalog(live), {A: APPEND}, (), catalog(found)).streams
    assert merged.stream.json_schema == {"title": "new"}
    (merged,) = merge_catalogs(catalog(live), {A: APPEND}, ()).streams
    assert merged.stream.json_schema == {"title": "old"}
