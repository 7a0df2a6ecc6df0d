"""Random histories from a seed: which installation, which rows, which changes, when syncs run.

A history has three streams and a fourth that may join, 50 rows each, at least four changed declarations and six syncs.
The installations go round: consecutive seeds meet every pair of family and source, and every server version. In an
*honest* installation (every other one) cursors only grow, keys are never null and never change, and its programs
guarantee that here and there; in the others cursors fall, stand still and turn null, and rows change their second key
column.

A changed declaration changes one to three streams (mode, cursor, key, columns, mappers where the server has them, a
stream leaves or comes back), or the prefix, or pauses or activates the connection, or declares the connection again.
A refused stream gets the word ``reset`` in half of the declarations, and stays as it was in the others.

In 45 % of the histories the source's schema stays as it is. In the others it changes before three of five changes of
the declaration, in one or two streams: in half of them a column gets another type (half of these wider ones), in 40 % a
column comes, goes, or gets another type where it had come, in 10 % a stream disappears (one in a history), or the
fourth appears where the history began without it (one in six). Then a sync may come before the program
takes notice (in 40 %), and in half of the cases the program is run at once, otherwise as it was. Of these programs 73 %
accept newer schemas, in nine of ten declarations; the others keep the one that they have. A refused schema is given up
with the same chance as a refused change of a stream. These choices have a generator of their own, so that a plain
script is the same with and without them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from tools.proof.lines import DROPPABLE, START, Columns, Line, Row
from tools.proof.ours import Desired
from tools.proof.play import Script, Step
from tools.proof.shapes import TYPES, WIDER, Reshape, converted, value_of
from tools.proof.ways import with_ways
from tools.proof.worlds import FAMILIES, SOURCES, STREAMS, VERSIONS, Edit, Setup

ROWS = 50
_MODES = (
    "full_refresh_overwrite",
    "full_refresh_append",
    "full_refresh_append_dedup",
    "full_refresh_overwrite_dedup",
    "incremental_append",
    "incremental_append",
    "incremental_append_dedup",
    "incremental_append_dedup",
    "incremental_append_dedup",
)


def script(seed: int, *, plain: bool = False, ways: bool = True) -> Script:
    """The history of a seed.

    Args:
        seed: its number.
        plain: whether it has nothing but changes of streams and prefixes, and no word for a refusal.
        ways: whether its programs are run in the ways of ``tools.proof.ways``; plain ones never are.
    """
    made = _Maker(seed, plain=plain).make()
    return with_ways(made, seed) if ways and not plain else made


def setup_of(seed: int) -> Setup:
    """The installation of a seed."""
    families, sources = list(FAMILIES), list(SOURCES)
    pair, turn = seed % (len(families) * len(sources)), seed // (len(families) * len(sources))
    version = VERSIONS[(seed + turn) % len(VERSIONS)]
    if families[pair % len(families)].startswith("direct-load") and version == "0.50.0":
        version = "0.63.0"  # such destinations came later
    rng = random.Random(f"setup {seed}")  # noqa: S311 - a simulation
    return Setup(
        version,
        sources[pair // len(families)],
        families[pair % len(families)],
        told=rng.random() < 0.7,
        honest=rng.random() < 0.5,
        backfill=rng.random() < 0.5,
        masks=rng.random() < 0.3,
    )


class _Maker:
    def __init__(self, seed: int, *, plain: bool = False) -> None:
        self.plain = plain
        self.rng = random.Random(seed)  # noqa: S311 - a simulation
        self.setup = setup_of(seed)
        self.version = 0
        self.next_id = ROWS
        self.clock = 100
        self.era = ""
        self.stale = False  # whether tables were left behind that a connection declared again would not know of
        self.rows: dict[str, dict[int, Row]] = {}
        self.shape = random.Random(f"shape {seed}")  # noqa: S311 - a simulation
        mood = self.shape.random()
        self.reshapes = mood < 0.55 and not plain
        self.accepts = mood < 0.4
        self.columns: dict[str, Columns] = dict.fromkeys(STREAMS, START)
        self.absent = ""
        self.lost = False

    def make(self) -> Script:
        for stream in STREAMS:
            self.rows[stream] = {n: self._row(stream, n, n) for n in range(ROWS)}
        foreign: dict[str, Line] = {}
        if self.rng.random() < 0.4 and not self.plain:
            foreign = {stream: self._line() for stream in self.rng.sample(STREAMS, 2)}
        if self.reshapes and STREAMS[3] not in foreign and self.shape.random() < 0.25:
            self.absent = STREAMS[3]
            del self.columns[self.absent]
        start = {stream: [dict(row) for row in self.rows[stream].values()] for stream in self.columns}
        lines = {stream: self._line() for stream in STREAMS[:3]}
        desired = Desired(lines, word=self.rng.random() < 0.5 and not self.plain, accept=self._accept())
        steps: list[Step] = [desired]
        retired: dict[str, Line] = {}
        if self.rng.random() < 0.95:
            steps += [self._edits(), None]
        steps += [self._edits(), None]
        for number in range(self.rng.randint(4, 6)):
            if self.rng.random() < 0.5:
                steps.append(self._edits())
            if self.reshapes and self.shape.random() < 0.6:
                steps += self._reshaped(desired)
            desired = replace(self._changed(desired, retired), accept=self._accept())
            steps.append(desired)
            if self.rng.random() < 0.8:
                steps.append(self._edits())
            steps.append(None)
            if number < 2 or self.rng.random() < 0.4:
                steps += [self._edits(), None]
        if not desired.active:
            steps += [replace(desired, active=True, refresh=False, recreate=False), self._edits(), None]
        return Script(self.setup, start, steps, foreign, self.rng.choice(["", "p_"]))

    # ---- schemas -----------------------------------------------------------------------------------------------------

    def _accept(self) -> bool:
        return self.reshapes and self.accepts and self.shape.random() < 0.9

    def _reshaped(self, desired: Desired) -> list[Step]:
        """The source gets another schema; syncs may meet it, and the program may be run as it is."""
        steps: list[Step] = [self._reshape() for _ in range(self.shape.choice([1, 1, 2]))]
        if self.shape.random() < 0.4:
            steps += [self._edits(), None]
        if self.shape.random() < 0.5:
            word = self.shape.random() < 0.5
            steps += [
                replace(desired, accept=self._accept(), refresh=True, word=word, recreate=False),
                self._edits(),
                None,
            ]
        return steps

    def _reshape(self) -> Reshape:
        seen = self.shape.random() < 0.7
        choice = self.shape.random()
        if choice < 0.1 and self.absent:
            stream, self.absent = self.absent, ""
            self.columns[stream] = START
            return Reshape(stream, START, [dict(row) for row in self.rows[stream].values()], seen)
        if choice < 0.1 and not self.lost:
            stream, self.lost = self.shape.choice(sorted(self.columns)), True
            del self.columns[stream]
            return Reshape(stream, None, seen=seen)
        stream = self.shape.choice(sorted(self.columns))
        kinds = dict(self.columns[stream])
        if choice < 0.6 or ("extra" in kinds and self.shape.random() < 0.4):
            column = "size" if choice < 0.6 else "extra"
            old = kinds[column]
            wider = [new for new in TYPES if (old, new) in WIDER]
            others = [new for new in TYPES if new != old and new not in wider]
            kinds[column] = new = self.shape.choice(wider if wider and self.shape.random() < 0.5 else others or wider)
            for version, row in ((row["v"], row) for row in self.rows[stream].values()):
                row[column] = converted(row[column], old, new, version)
        elif "extra" in kinds:
            del kinds["extra"]
            for row in self.rows[stream].values():
                del row["extra"]
        else:
            kinds["extra"] = new = self.shape.choice(TYPES)
            for row in self.rows[stream].values():
                row["extra"] = value_of(new, row["v"])
        self.columns[stream] = tuple(sorted(kinds.items()))
        return Reshape(stream, self.columns[stream], [dict(row) for row in self.rows[stream].values()], seen)

    # ---- rows --------------------------------------------------------------------------------------------------------

    def _loose(self, stream: str) -> Row:
        """The loose columns of the newest version."""
        return {name: value_of(kind, self.version) for name, kind in self.columns[stream]}

    def _row(self, stream: str, row_id: int, at: int | None) -> Row:
        self.version += 1
        dishonest = not self.setup.honest
        nullable = dishonest and self.setup.family != "direct-load background"
        return {
            "id": row_id,
            "part": None if nullable and self.rng.random() < 0.08 else row_id % 3,
            "at": None if dishonest and self.rng.random() < 0.08 else at,
            "seq": None if dishonest and self.rng.random() < 0.08 else self._seq(),
            "email": f"secret-{row_id}-{self.version}",
            "note": f"note {self.version}",
            "v": self.version,
            **self._loose(stream),
        }

    def _seq(self) -> int:
        return self.version if self.setup.honest or self.rng.random() < 0.7 else self.rng.randint(0, 300)

    def _at(self, old: int | None) -> int | None:
        """The next value of the cursor: mostly a new greatest one."""
        choice = self.rng.random()
        if choice < 0.7:
            self.clock += self.rng.randint(1, 3)
            return self.clock
        if choice < 0.85:
            return self.clock  # a tie with the newest
        if self.setup.honest:
            return old if old is not None else self.clock
        return self.rng.choice([None, old, None if old is None else old - 5])

    def _edits(self) -> list[Edit]:
        return [edit for stream in STREAMS if stream in self.columns for edit in self._edits_of(stream)]

    def _edits_of(self, stream: str) -> Iterator[Edit]:
        rows = self.rows[stream]
        for _ in range(self.rng.randint(0, 5)):
            choice = self.rng.random()
            if choice < 0.35 or not rows:
                row_id, self.next_id = self.next_id, self.next_id + 1
                row = self._row(stream, row_id, self._at(self.clock))
                rows[row_id] = row
                yield Edit(stream, "insert", row_id, dict(row))
            elif choice < 0.85:
                row = rows[self.rng.choice(sorted(rows))]
                self.version += 1
                values: Row = {
                    "at": self._at(row["at"]),
                    "seq": self._seq(),
                    "email": f"secret-{row['id']}-{self.version}",
                    "note": f"note {self.version}",
                    "v": self.version,
                    **self._loose(stream),
                }
                if not self.setup.honest and self.rng.random() < 0.15:
                    values["part"] = self.rng.randint(0, 2)
                row.update(values)
                yield Edit(stream, "update", row["id"], dict(values))
            else:
                row_id = self.rng.choice(sorted(rows))
                del rows[row_id]
                yield Edit(stream, "delete", row_id, None)

    # ---- declarations ------------------------------------------------------------------------------------------------

    def _line(self) -> Line:
        line = Line(self._mode())
        if self.setup.mappers and self.rng.random() < 0.25:
            line = replace(line, mappers=(self.rng.choice(["hash", "rename", "filter0", "filter0"]),))
        if self.rng.random() < 0.2:
            column = self.rng.choice(DROPPABLE)
            if {"hash": "email", "rename": "note"}.get((line.mappers or ("",))[0], "") != column:
                line = replace(line, dropped=frozenset({column}))
        return self._completed(line)

    def _mode(self) -> str:
        while True:
            mode = self.rng.choice(_MODES)
            if mode != "full_refresh_overwrite_dedup" or self.setup.number >= (0, 63, 11):
                return mode

    def _completed(self, line: Line) -> Line:
        """The parts that a mode needs, and no others."""
        cursor = line.cursor
        if not line.incremental or self.setup.own_cursor:
            cursor = None
        elif cursor is None:
            cursor = self.rng.choice(["at", "at", "seq"])
        key = line.key
        if not line.dedup or self.setup.own_key:
            key = ()
        elif not key:
            key = self._key()
        guarantees: frozenset[str] = frozenset()
        if self.setup.honest and line.dedup and set(key) != {"part"} and self.rng.random() < 0.5:
            # both hold in an honest installation as long as the key tells rows apart
            guarantees = frozenset({"cursor_monotonic", "key_unique"})
        return replace(line, cursor=cursor, key=key, guarantees=guarantees)

    def _key(self) -> tuple[str, ...]:
        return self.rng.choice([("id",), ("id",), ("id", "part"), ("part",)] if not self.setup.honest else [
            ("id",), ("id", "part"), ("id",),
        ])  # fmt: skip

    def _changed(self, desired: Desired, retired: dict[str, Line]) -> Desired:
        # Moving files is refused and never done: who asked for it gives up.
        lines = {stream: replace(line, files=None) for stream, line in desired.lines.items()}
        word, refresh = self.rng.random() < 0.5 and not self.plain, self.rng.random() < 0.4
        if not desired.active and self.rng.random() < 0.7:
            return replace(desired, lines=lines, active=True, recreate=False, word=word, refresh=refresh)
        choice = self.rng.random()
        prefix, active, recreate = desired.prefix, desired.active, False
        if choice < 0.12:
            # A connection that is declared again knows nothing of the names that the deleted one had left.
            prefix = self.rng.choice([other + self.era for other in ("", "p_", "q_") if other + self.era != prefix])
            self.stale = True
        elif choice < 0.17 and not self.plain:
            active = False
        elif choice < 0.21 and not self.plain:
            recreate, self.era = True, f"{self.era}n_"
            if self.stale or retired:
                prefix, self.stale = self.era, True
        if choice >= 0.06 and not recreate:
            for stream in self.rng.sample(STREAMS, self.rng.choice([1, 1, 2, 3])):
                self._change_stream(stream, lines, retired)
        return Desired(lines, prefix, active, recreate, word, refresh)

    def _change_stream(self, stream: str, lines: dict[str, Line], retired: dict[str, Line]) -> None:
        if stream not in self.columns:
            return
        line = lines.get(stream)
        if line is None:
            before = retired.get(stream)
            if before is None or self.rng.random() < 0.15:
                lines[stream] = self._line()
            elif before.dedup and before.incremental and not self.setup.own_cursor and self.rng.random() < 0.8:
                # by the same key, from the start
                changed = self._change_cursor(before)
                sure = self.setup.honest and changed.key != ("part",)
                lines[stream] = (
                    replace(changed, guarantees=frozenset({"cursor_monotonic", "key_unique"})) if sure else changed
                )
            else:
                lines[stream] = before
            return
        if self.rng.random() < (0.5 if self.setup.honest and line.dedup else 0.15) and len(lines) > 2:
            retired[stream] = lines.pop(stream)
            return
        changes: list[Callable[[Line], Line]] = [self._change_mode, self._change_mode, self._change_columns]
        if line.incremental and not self.setup.own_cursor:
            changes += [self._change_cursor] * 2
        if line.dedup and not self.setup.own_key:
            changes += [self._change_key] * 2
        if self.setup.own_cursor and (line.incremental or line.dedup):
            changes += [self._declare_own] * 2
        if line.dropped:
            changes += [self._change_columns] * 2
        if self.setup.mappers:
            changes += [self._change_mappers] * (5 if "filter0" in line.mappers else 3)
        if self.setup.number >= (1, 7) and not self.plain:
            changes.append(self._change_files)
        lines[stream] = self.rng.choice(changes)(line)

    def _change_mode(self, line: Line) -> Line:
        choice = self.rng.random()
        if line.mode == "full_refresh_append" and choice < 0.35:
            mode = "incremental_append"
        elif line.mode == "incremental_append_dedup" and choice < 0.2:
            mode = "full_refresh_append_dedup"
        else:
            while (mode := self._mode()) == line.mode:
                pass
        return self._completed(replace(line, mode=mode, files=None))

    def _change_cursor(self, line: Line) -> Line:
        return self._completed(replace(line, cursor="seq" if line.cursor == "at" else "at"))

    def _change_key(self, line: Line) -> Line:
        while (key := self._key()) == line.key:
            pass
        return self._completed(replace(line, key=key))

    def _declare_own(self, line: Line) -> Line:
        """What the source defines anyway is written down, or no longer."""
        if line.dedup and self.rng.random() < 0.5:
            return replace(line, key=() if line.key else self.setup.own_key)
        if line.incremental:
            return replace(line, cursor=None if line.cursor else self.setup.own_cursor)
        return line

    def _change_columns(self, line: Line) -> Line:
        mapped = {"hash": "email", "rename": "note", "drop": "note"}
        free = [c for c in DROPPABLE if c not in {mapped.get(name) for name in line.mappers}]
        return replace(line, dropped=line.dropped ^ {self.rng.choice(free)}) if free else line

    def _change_mappers(self, line: Line) -> Line:
        if line.mappers and self.rng.random() < 0.5:
            filters = [name for name in line.mappers if name.startswith("filter")]
            gone = self.rng.choice(filters or line.mappers)
            return replace(line, mappers=tuple(name for name in line.mappers if name != gone))
        if len(line.mappers) > 1 and self.rng.random() < 0.2:
            return replace(line, mappers=line.mappers[::-1])
        free = {"filter0", "filter1"} - set(line.mappers)
        if "email" not in line.dropped and "hash" not in line.mappers:
            free.add("hash")
        if "note" not in line.dropped and not {"rename", "drop"} & set(line.mappers):
            free |= {"rename", "drop"} if self.setup.number >= (1, 8) else {"rename"}
        return replace(line, mappers=(*line.mappers, self.rng.choice(sorted(free)))) if free else line

    def _change_files(self, line: Line) -> Line:
        return replace(line, files=True)
