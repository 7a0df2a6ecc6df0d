"""A plan: everything that an update of a connection will do, as a value.

One place builds it (``build_plan``), one explains it (``explain``), one carries it out (the provider). What is
announced at preview travels to the update as the text of ``Plan.announcement``; the guard holds the live connection
against that text before anything is sent.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pulumi_airbyte_wb.catalog.schemas import STREAM_GONE
from pulumi_airbyte_wb.catalog.streams import Streams, StreamSpec
from pulumi_airbyte_wb.errors import DriftedError
from pulumi_airbyte_wb.models import ConnectionStatus, StreamDescriptor
from pulumi_airbyte_wb.plan.changes import RENAMED, Change, Kind, changes, moved
from pulumi_airbyte_wb.plan.decide import decide
from pulumi_airbyte_wb.plan.declaration import CONNECTION, Declaration
from pulumi_airbyte_wb.plan.effects import MEANING, Action, Effect
from pulumi_airbyte_wb.plan.facts import Earlier, Facts
from pulumi_airbyte_wb.plan.fields import FIELDS, Value, shown_value
from pulumi_airbyte_wb.plan.resets import AfterClear, Family, OnRemove, Policy, Resets, SchemaChanges
from pulumi_airbyte_wb.plan.schema_changes import accepted
from pulumi_airbyte_wb.plan.table import TABLE, replacing

WHOLE = "*"
"""The key of an announcement that is about the connection, not about one stream."""

_ACTION = re.compile(r"AWB\d{3} (\w+): ")
_ANNOUNCED = re.compile(r"(AWB\d{3}) (\w+): (.*?)(?: \((.*)\))?$")
_NEXT = " + "
_FIRM_SPACE = "\N{NO-BREAK SPACE}"
_WIDTH = 74
_DEFAULT_NAMING = {"namespace_definition": "source", "namespace_format": "", "prefix": ""}
_HIDDEN = "[secret]"


class Step(StrEnum):
    """What happens to the connection as a whole."""

    CREATE = "create"
    ADOPT = "adopt"
    ATTACH = "attach"
    UPDATE = "update"
    REPLACE = "replace"


class Fill(StrEnum):
    """Who fills tables that are emptied; the text is what a preview says."""

    US = "a sync of the whole connection is started when the tables are empty"
    SERVER = "Airbyte itself starts a sync of the whole connection when the tables are empty"
    SCHEDULE = "no sync is started; emptied tables stay empty until the next one runs"


@dataclass(frozen=True)
class Plan:
    """What will be done to one connection.

    Args:
        step: what happens to the connection as a whole.
        effects: what the changes of streams mean for their data, in the order of the streams' keys.
        fields: the changed connection-level fields, each with its value before (``None``: unknown) and after.
        handed_back: fields that are declared no longer, with their last declared value, which stays.
        owed: streams whose re-read waits until the connection is active, as they were when their rows were written.
        due: as ``owed``, where the lines do not tell: the code, and the change in words.
        fill: who fills the tables that are cleared; ``None`` where none is.
        later: why nothing can be said yet, where inputs are unknown.
    """

    step: Step
    effects: tuple[Effect, ...] = ()
    fields: Mapping[str, tuple[Value | None, Value]] = field(default_factory=dict)
    handed_back: Mapping[str, Value] = field(default_factory=dict)
    owed: Mapping[StreamDescriptor, StreamSpec] = field(default_factory=dict)
    due: Mapping[StreamDescriptor, str] = field(default_factory=dict)
    fill: Fill | None = None
    later: str = ""
    subject: str = ""
    secret: frozenset[str] = frozenset()

    def by_stream(self) -> dict[StreamDescriptor, list[Effect]]:
        """The effects of each stream, the greatest action first."""
        grouped: dict[StreamDescriptor, list[Effect]] = defaultdict(list)
        for effect in self.effects:
            grouped[effect.stream].append(effect)
        return {stream: sorted(effects, key=lambda effect: -effect.action) for stream, effects in grouped.items()}

    def actions(self) -> dict[StreamDescriptor, Action]:
        """The one action of each stream that needs one: the greatest of its effects."""
        greatest = {stream: effects[0].action for stream, effects in self.by_stream().items()}
        return {stream: action for stream, action in greatest.items() if action is not Action.NONE}

    def refusals(self) -> list[Effect]:
        """The effects that wait for a person's word."""
        return [effect for effect in self.effects if effect.action is Action.REFUSE]

    def announcement(self) -> dict[str, str]:
        """The plan as the engine shows and keeps it: one coded line a stream, and one for the connection.

        Streams that a new connection reads for the first time need no line of their own.
        """
        lines = {WHOLE: text} if (text := self._whole()) else {}
        for stream, effects in self.by_stream().items():
            told = [effect for effect in effects if self.step is not Step.CREATE or effect.code != "AWB201"]
            if told:
                lines[stream.key] = _NEXT.join(
                    f"{effect.code} {effect.action.word}: {_bare(_harmless(effect.what))} ({_harmless(effect.because)})"
                    for effect in told
                )
        return dict(sorted(lines.items()))

    def _whole(self) -> str:
        parts = []
        if self.later:
            parts.append(f"AWB190 later: {self.later}")
        if self.step is Step.ADOPT:
            changed = ", ".join(
                f"{name} {self._shown(name, old)} => {self._shown(name, new)}"
                for name, (old, new) in sorted(self.fields.items())
            )
            how = f"changing {changed}" if changed else "changing streams" if self.effects else "as it is"
            parts.append(f"AWB101 adopt: takes over {_harmless(self.subject)}, {how}")
        if self.step is Step.ATTACH:
            parts.append(f"AWB102 attach: declares streams of {_harmless(self.subject)}")
        if self.step is Step.REPLACE:
            parts.append(f"AWB290 replace: {_harmless(self.subject)}")
        if self.handed_back:
            kept = ", ".join(f"{name} {self._shown(name, value)}" for name, value in sorted(self.handed_back.items()))
            parts.append(f"AWB103 keep: no longer declared, stays as it is: {kept}")
        if self.fill is not None:
            parts.append(f"AWB104 fill: {self.fill}")
        return _NEXT.join(parts)

    def _shown(self, name: str, value: Value | None) -> str:
        return _HIDDEN if name in self.secret else _harmless(shown_value(value))


def build_plan(
    before: Declaration | None, after: Declaration, facts: Facts, *, step: Step | None = None, subject: str = ""
) -> Plan:
    """What has to be done to get from one declaration to another.

    Args:
        before: what was recorded, or what is live; ``None`` for a connection that does not exist.
        after: what is declared.
        facts: what else is known.
        step: what happens to the whole, where it is not plain from ``before``.
        subject: what an adoption or replacement is about, in words.
    """
    step = step or (Step.CREATE if before is None else Step.UPDATE)
    if after.unknown & {"streams", *after.shape.ids}:
        names = ", ".join(sorted(after.unknown & {"streams", *after.shape.ids}))
        return Plan(step, later=f"{names} not known yet; what happens to streams is decided during the update")
    old_fields = before.fields if before else {}
    fields = {
        name: (old_fields.get(name), value) for name, value in after.fields.items() if old_fields.get(name) != value
    }
    old: Streams = (
        dict(before.streams or {}) if before and step is not Step.REPLACE and after.streams is not None else {}
    )
    new: Streams = dict(after.streams or {})
    found, renamed = list(changes(old, new)), {}
    if before and step is not Step.REPLACE:
        for noted in (before.unsettled, before.owed):
            found += [change for change in _since(noted, new) if change not in found]
        if after.schema_changes is SchemaChanges.ACCEPT:
            found += [
                change
                for stream, notes in before.schema.items()
                if stream in new
                for change in accepted(stream, new[stream], notes, before.parted.get(stream, ()))
            ]
        renamed = _renamed(before, fields)
        found += moved({stream: spec for stream, spec in new.items() if stream in old}, renamed)
    found.sort(key=lambda change: change.stream.key)
    secret = after.secret | (before.secret if before else frozenset())
    effects = [_decided(_told(change, secret), before, after, facts) for change in found]
    if before is not None and step is not Step.REPLACE:
        effects += _widened(before, new, effects, after.resets)
        effects += _performed(before, after)
        effects += _of_others(before, after, renamed, secret)
        effects += _given_up(before, after)
    owed: dict[StreamDescriptor, StreamSpec] = {}
    due: dict[StreamDescriptor, str] = {}
    if after.paused or (before is not None and before.paused and "status" not in after.fields):
        since = _since(before.owed, new) if before else []
        known = {(change.stream, _told(change, secret).what) for change in since}
        effects, owed, due = _put_off(before, old, new, effects, known)
    elif before is not None and step is not Step.REPLACE:
        effects += _due(before, new, effects, facts, after.resets)
    effects = _in_turn(effects, new, facts)
    emptied = {effect.stream for effect in effects if effect.action is Action.CLEAR and effect.stream in new}
    return Plan(
        step=step,
        effects=tuple(effects),
        fields=fields,
        handed_back={
            name: value
            for name, value in old_fields.items()
            if name not in after.fields and name not in after.unknown and step is Step.UPDATE
        }
        | ({"streams": _keys(before)} if before and before.streams and after.streams is None else {}),
        owed={stream: spec for stream, spec in owed.items() if _since({stream: spec}, new)},
        due={stream: why for stream, why in due.items() if stream in new},
        fill=_fill(emptied, after.resets, facts),
        subject=subject,
        secret=secret,
    )


def _in_turn(effects: list[Effect], new: Streams, facts: Facts) -> list[Effect]:
    """Refuse what an append merge or a clear cannot do beside a replacement for another type: each has to go first.

    Every job fails while a table is of another type: a merge would append the rows once more each time. And a
    replacement that goes first syncs what is to be merged, which then comes twice.
    """
    renamed = {effect.stream for effect in effects if effect.code == "AWB241"}
    actions = {e.stream: e.action for e in effects if e.code == "AWB271" and e.stream not in renamed}
    retyped = {stream for stream, action in actions.items() if action is Action.TRUNCATE}
    if not retyped or facts.family is Family.TYPING_DEDUPING:
        return effects
    because = f"{_list(retyped)} is replaced for another type, and neither can go first: change one, then the other"
    return [
        replace(effect, action=Action.REFUSE, because=f"{because}; {effect.because}")
        if (effect.action is Action.MERGE and effect.stream in new and not new[effect.stream].mode.dedup)
        or (effect.action is Action.CLEAR and effect.stream in actions)
        else effect
        for effect in effects
    ]


def _list(streams: Collection[StreamDescriptor]) -> str:
    return ", ".join(sorted(stream.key for stream in streams))


def _renamed(before: Declaration, fields: Mapping[str, tuple[Value | None, Value]]) -> dict[str, tuple[str, str]]:
    """The changed fields that give tables other names, in words."""
    return {
        name: (shown_value(was), shown_value(now))
        for name, (was, now) in fields.items()
        if FIELDS[name].moves_tables and (was or before.naming.get(name, _DEFAULT_NAMING[name])) != now
    }


def _of_others(
    before: Declaration, after: Declaration, renamed: Mapping[str, tuple[str, str]], secret: frozenset[str]
) -> Iterator[Effect]:
    """What other names of tables mean for the streams that the program does not declare with this connection."""
    others = {s: spec for s, spec in before.others.items() if s not in (after.streams or {}) and not after.exclusive}
    for change in moved(others if after.shape is CONNECTION else {}, renamed):
        if others[change.stream].mode.incremental:
            because = (
                "not declared here: unless a Catalog of this program reads it again, its new table lacks older rows"
            )
            yield Effect(change.stream, "AWB244", Action.NONE, _told(change, secret).what, because)


def _given_up(before: Declaration, after: Declaration) -> Iterator[Effect]:
    """Streams that are handed back before their rows were replaced, as the program says ``skip``."""
    if after.streams is None:
        unfinished = (before.unfinished | before.unsettled.keys()) & (before.streams or {}).keys()
        for stream in sorted(unfinished, key=lambda stream: stream.key):
            because = "the program says 'skip', although its rows have still to be replaced"
            yield Effect(stream, "AWB281", Action.NONE, "declared no longer", because)


def _since(noted: Mapping[StreamDescriptor, StreamSpec], new: Streams) -> list[Change]:
    """What has changed since streams were as they are noted."""
    rows = {stream: new[stream].declared_only(spec) for stream, spec in noted.items() if stream in new}
    return list(changes(rows, {stream: new[stream] for stream in rows}))


def _fill(emptied: Collection[StreamDescriptor], resets: Resets, facts: Facts) -> Fill | None:
    if not emptied:
        return None
    if resets.after_clear is AfterClear.SYNC and any(resets.policy(stream) is not Policy.SERVER for stream in emptied):
        return Fill.US
    by_server = any(resets.policy(stream) is Policy.SERVER for stream in emptied)
    return Fill.SERVER if by_server and facts.syncs_after_reset else Fill.SCHEDULE


def _keys(declaration: Declaration) -> tuple[str, ...]:
    return tuple(sorted(stream.key for stream in declaration.streams or {}))


def _told(change: Change, secret: frozenset[str]) -> Change:
    """The change as messages may tell it: without the values of secret inputs."""
    about = {"namespace_definition", "namespace_format", "prefix"} if change.kind is Kind.TABLE else {"streams"}
    return replace(change, what=_HIDDEN) if about & secret else change


def _decided(change: Change, before: Declaration | None, after: Declaration, facts: Facts) -> Effect:
    on_remove = after.on_remove
    if change.kind is Kind.REMOVED and before and STREAM_GONE in before.schema.get(change.stream, ()):
        # The program takes it out because the source has dropped it: nobody has asked for its rows to go too.
        change, on_remove = replace(change, what="removed, as the source has dropped it"), OnRemove.KEEP
    effect = decide(change, facts, after.resets, on_remove)
    late = before is not None and before.paused and after.shape is CONNECTION and not after.paused
    if late and effect.code == "AWB203" and effect.action is Action.CLEAR:
        because = "the connection is still inactive, and a stream that has left it cannot be cleared later"
        return replace(effect, action=Action.REFUSE, because=f"{because}: {effect.because}")
    return effect


def _performed(before: Declaration, after: Declaration) -> Iterator[Effect]:
    """What Airbyte does by itself when an inactive connection is activated, whatever is declared of it."""
    if not before.paused or after.fields.get("status") != ConnectionStatus.ACTIVE:
        return
    leaving = (before.streams or {}).keys() - after.streams.keys() if after.streams is not None else set()
    for stream, word in sorted(before.queued.items(), key=lambda item: item[0].key):
        if stream in leaving:
            continue
        because = "a reset was ordered while it was inactive, and Airbyte performs it now"
        if word == Action.MERGE.word:
            because = "a refresh was ordered while it was inactive: its sync state is gone, so all is read again"
        action = Action[word.upper()]
        if after.resets.policy(stream) is Policy.REFUSE:
            action, because = Action.REFUSE, f"the program says 'refuse'; {because}"
        yield Effect(stream, "AWB282", action, "the connection becomes active", because)


def _widened(before: Declaration, new: Streams, effects: Iterable[Effect], resets: Resets) -> list[Effect]:
    """On legacy state a reset of one stream empties all of them: each is announced, one that appends is refused."""
    named = {effect.stream for effect in effects if effect.action is Action.CLEAR}
    if not before.legacy or not named:
        return []
    widened = []
    for stream in sorted({*new, *before.others} - named, key=lambda stream: stream.key):
        spec = new.get(stream)
        because = "the sync state is of the old kind, for the connection as a whole: a reset of one stream empties all"
        allowed = resets.policy(stream) in {Policy.RESET, Policy.CLEAR} or resets.permitted(stream, "AWB283")
        action = Action.CLEAR
        if spec is None:
            action, because = Action.REFUSE, f"{because}, also this one, which the program does not declare"
        elif not (spec.mode.dedup or spec.mode.overwrites) and not allowed:
            action, because = Action.REFUSE, f"{because}, also this one, whose rows are appended"
        widened.append(Effect(stream, "AWB283", action, f"emptied with {_list(named)}", because))
    return widened


def _due(
    before: Declaration, new: Streams, effects: Iterable[Effect], facts: Facts, resets: Resets
) -> Iterator[Effect]:
    """What has to be replaced whatever the lines say, where no other effect of the stream does it anyway."""
    done = {effect.stream for effect in effects if effect.action in {Action.TRUNCATE, Action.CLEAR, Action.REFUSE}}
    for stream, why in sorted(before.due.items(), key=lambda item: item[0].key):
        if stream not in new or stream in done:
            continue
        code, _, what = why.partition(" ")
        because = "its rows had to be replaced, and that was not done, or did not come to its end"
        action = replacing(facts)
        if what == RENAMED:
            # Whoever gave the name did not come to what the table calls for, so that is still called for.
            earlier = {stream: Earlier(own=True)} if code == "AWB242" else {}
            change = Change(stream, Kind.TABLE, new[stream], new[stream], what)
            yield decide(change, replace(facts, tables=earlier, tables_known=True), resets)
            continue
        if resets.policy(stream) is Policy.SKIP:
            action, because = Action.NONE, f"the program says 'skip', although {because}"
        elif resets.policy(stream) is Policy.REFUSE:
            action, because = Action.REFUSE, f"the program says 'refuse'; {because}"
        yield Effect(stream, code, action, what, because)


def _put_off(
    before: Declaration | None,
    old: Streams,
    new: Streams,
    effects: Iterable[Effect],
    known: Collection[tuple[StreamDescriptor, str]],
) -> tuple[list[Effect], dict[StreamDescriptor, StreamSpec], dict[StreamDescriptor, str]]:
    """The effects of a paused connection: its jobs would be cancelled after they dropped state (semantics §9.5).

    ``known`` are the changes, by stream and in words, that are owed already.
    """
    owed = dict(before.owed) if before else {}
    due = dict(before.due) if before else {}
    # What the lines do not tell when it is activated, such as another type at the source, is due whatever they say.
    told = {(change.stream, change.what) for change in changes(old, new)}
    put_off = []
    for effect in effects:
        if effect.action in {Action.NONE, Action.REFUSE}:
            put_off.append(effect)
        elif effect.stream not in old or effect.code in {"AWB203", "AWB241", "AWB242"}:
            because = f"an inactive connection cannot do it, and later it would be too late: {effect.because}"
            put_off.append(replace(effect, action=Action.REFUSE, because=because))
        else:
            if (effect.stream, effect.what) in told or (
                effect.what == _HIDDEN and old[effect.stream] != new.get(effect.stream)
            ):
                owed.setdefault(effect.stream, old[effect.stream])
            elif (effect.stream, effect.what) not in known:
                due.setdefault(effect.stream, f"{effect.code} {effect.what}")
            because = f"inactive now; when it is activated: {MEANING[effect.action]}, {effect.because} [{effect.code}]"
            put_off.append(replace(effect, code="AWB281", action=Action.NONE, because=because))
    return put_off, owed, due


def announced_actions(announcement: Mapping[str, str]) -> dict[StreamDescriptor, Action]:
    """The actions that an announcement promises, by stream; streams with nothing to do are left out."""
    actions: dict[StreamDescriptor, Action] = {}
    for key, text in announcement.items():
        if key == WHOLE:
            continue
        words = _ACTION.findall(text)
        greatest = max(
            (Action[word.upper()] for word in words if word.upper() in Action.__members__), default=Action.NONE
        )
        if greatest is not Action.NONE:
            actions[StreamDescriptor.parse(key)] = greatest
    return actions


def guard(announcement: Mapping[str, str], live: Plan) -> None:
    """Hold the plan against the live connection: it may change no other stream than was announced, and do no more.

    Raises:
        DriftedError: the live connection differs from the recorded one so that the update would do more.
    """
    announced = announced_actions(announcement)
    actions = live.actions()
    for stream, effects in live.by_stream().items():
        action = actions.get(stream, Action.NONE)
        kinds = _kinds(announcement.get(stream.key, ""))
        surprise = next((effect for effect in effects if not _kinds(f"{effect.code} {effect.because}") <= kinds), None)
        if surprise is not None or action > announced.get(stream, Action.NONE):
            effect = surprise or effects[0]
            raise DriftedError(
                f"{stream}: the live connection has changed since it was last read ({effect.what}), so this update "
                f"would do more than was announced ({effect.code} {MEANING[effect.action]}); nothing was sent: "
                "run `pulumi refresh`, then preview again"
            )


def _kinds(text: str) -> set[Kind]:
    """The kinds of changes that the codes in a text are about."""
    return {row.kind for row in TABLE if row.code in text}


def explain(announcement: Mapping[str, str], costs: Mapping[str, str] | None = None) -> Iterator[str]:
    """An announcement for a person: a block a change, its lines no wider than a terminal of 80 columns.

    Args:
        announcement: what ``Plan.announcement`` gave.
        costs: what reading a stream again will cost, by stream key.
    """
    for key, text in announcement.items():
        for index, part in enumerate(text.split(_NEXT)):
            match = _ANNOUNCED.match(part)
            if match is None:
                yield f"{key}: {part}"
                continue
            code, word, what, because = match.groups()
            meaning = MEANING[Action[word.upper()]] if word.upper() in Action.__members__ else word
            if code == "AWB203" and word == Action.CLEAR.word:
                meaning = "its table is emptied"
            head = f"{meaning} [{code}]" if key == WHOLE else f"{key}: {meaning} [{code}]"
            details = [what] + ([f"because {because}"] if because else [])
            if index == 0 and costs and key in costs:
                details.append(costs[key])
            yield "\n".join([head, *(_indented(detail) for detail in details)])


def _harmless(text: str) -> str:
    """Text from names and values, which must not be read back as an announcement, nor break its line."""
    text = "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
    return _ACTION.sub(lambda match: match.group().lower(), text).replace(_NEXT, f"{_FIRM_SPACE}+ ")


def _bare(what: str) -> str:
    """A change in words, without what begins the reason in an announcement: such a space is made a firm one."""
    return what.replace(" (", f"{_FIRM_SPACE}(")


def _indented(text: str) -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
