"""What each row of the decision table comes to, by asking the table itself for every kind of stream and destination."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from pulumi_airbyte_wb.models import AirbyteStream, DestinationSyncMode, StateType, StreamDescriptor
from pulumi_airbyte_wb.plan import TABLE, Action, Earlier, Facts
from pulumi_airbyte_wb.spec.changes import Change, ChangeKey, Detail, Kind, What
from pulumi_airbyte_wb.spec.resets import Loading
from pulumi_airbyte_wb.spec.streams import MODES, StreamSpec

_STREAM = StreamDescriptor("public", "users")
_BOTH = frozenset({"cursor_monotonic", "key_unique"})
_OWN = AirbyteStream(name="users", namespace="public", source_defined_cursor=True, default_cursor_field=["own"])
_UNKNOWN = {DestinationSyncMode.UPDATE, DestinationSyncMode.SOFT_DELETE}
KNOWN_MODES = [word for word, mode in MODES.items() if mode.destination_sync_mode not in _UNKNOWN]
DESTINATIONS = {
    "direct load": Facts(can_refresh=True, loading=Loading.DIRECT_LOAD),
    "typing and deduping": Facts(can_refresh=True, loading=Loading.TYPING_DEDUPING),
    "normalization": Facts(loading=Loading.NORMALIZATION),
    "not told, refreshes": Facts(can_refresh=True),
    "not told, no refresh": Facts(),
}


def outcomes(code: str) -> dict[str, dict[str, str]]:
    """The actions of a row, by the stream's modes and by destination."""
    cells: dict[tuple[str, str], dict[bool, set[Action]]] = defaultdict(lambda: {False: set(), True: set()})
    for kind in {row.kind for row in TABLE if row.code == code}:
        for label, change in _changes(kind):
            guaranteed = bool(change.after and change.after.guarantees)
            for destination, facts in DESTINATIONS.items():
                for known in _facts(kind, facts, change):
                    decided = next(
                        (row.code, Action.BLOCK if verdict.loses else verdict.action)
                        for row in TABLE
                        if row.kind is kind and (verdict := row.judge(change, known)) is not None
                    )
                    if decided[0] == code:
                        cells[label, destination][guaranteed].add(decided[1])
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (label, destination), actions in sorted(cells.items()):
        found[label][destination] = _cell(actions)
    return found


def _cell(actions: dict[bool, set[Action]]) -> str:
    plain, guaranteed = (" or ".join(action.word for action in sorted(actions[side])) for side in (False, True))
    if not plain:
        return f"{guaranteed}, guaranteed"
    return plain if guaranteed in {"", plain} else f"{plain}; {guaranteed} if guaranteed"


def _changes(kind: Kind) -> Iterator[tuple[str, Change]]:
    for word, guarantees in product(MODES, (frozenset[str](), _BOTH)):
        after = replace(_spec(word), guarantees=guarantees)
        if kind is Kind.ADDED:
            yield word, _change(kind, None, after)
        elif kind is Kind.REMOVED:
            yield word, _change(kind, after, None)
        elif kind is Kind.MODE:
            for other in MODES:
                if other != word:
                    yield f"{other} → {word}", _change(kind, _spec(other), after)
        elif kind is Kind.CURSOR and after.mode.incremental:
            for before in (replace(after, cursor=("old",)), replace(after, cursor=None)):
                for now in (after, replace(after, cursor=("own",))):
                    yield word, _change(kind, before, now)
        elif kind is Kind.KEY and after.mode.dedup:
            for before in (replace(after, key=frozenset({("old",)})), replace(after, key=None)):
                yield word, _change(kind, before, after)
        elif kind not in {Kind.CURSOR, Kind.KEY}:
            yield word, _change(kind, after, after)


def _change(kind: Kind, before: StreamSpec | None, after: StreamSpec | None) -> Change:
    what = What.OBJECT if kind is Kind.TABLE_RENAMED else What.ADDED
    return Change(ChangeKey(_STREAM, kind), before, after, Detail(what))


def _spec(word: str) -> StreamSpec:
    mode = MODES[word]
    return StreamSpec(
        mode,
        cursor=("updated_at",) if mode.incremental else None,
        key=frozenset({("id",)}) if mode.dedup else None,
    )


def _facts(kind: Kind, facts: Facts, change: Change) -> Iterator[Facts]:
    """What else may be known, as far as rows of this kind look at it."""
    own = [{}, {_STREAM: _OWN}, {_STREAM: _OWN.model_copy(update={"source_defined_primary_key": [["id"]]})}]
    for offers, backfill in product(own, (False, True) if kind is Kind.SELECTED else (False,)):
        known = replace(facts, offers=offers, backfill=backfill, tables_known=True)
        yield known
        if kind is Kind.CURSOR:
            yield replace(known, state_type=StateType.GLOBAL)
        if kind in {Kind.ADDED, Kind.TABLE_RENAMED}:
            yield replace(known, tables_known=False)
            yield replace(known, names_objects=False)
            yield replace(known, unclear=frozenset({_STREAM}))
            for mine, spec, resumes in product((True, False), (None, change.after), (True, False)):
                earlier = Earlier(mine, spec and replace(spec, guarantees=frozenset()), resumes)
                yield replace(known, tables={_STREAM: earlier})
                if spec is not None:
                    yield replace(known, tables={_STREAM: replace(earlier, spec=change.after)})


def modes_of(labels: dict[str, dict[str, str]]) -> list[tuple[str, dict[str, str]]]:
    """The rows of a page's table: modes that come to the same stand together."""
    grouped: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for label, cells in labels.items():
        if set(label.split(" → ")) <= set(KNOWN_MODES):
            grouped[tuple(sorted(cells.items()))].append(label)
    return [(", ".join(names), dict(cells)) for cells, names in sorted(grouped.items(), key=lambda item: item[1])]
