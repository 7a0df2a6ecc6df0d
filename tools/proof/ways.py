"""How the program of a history is run: what its updates wait for, what is secret, pauses, adoptions, several changes.

These choices are made over a finished script, by a generator of their own: the changes and the edits are those of the
script. In half of the histories every update waits for the same, in the others each for something of its own; 30 % have
secrets; in 30 % the connection is inactive during one to three declarations more; in 40 % one or two changes are put
off, so that the next update makes both; in 20 % the stack loses the connection once and adopts it again; in 20 % a
``Catalog`` declares one or two of the streams; every seventh program is run twice in a row; in 80 % of those without a
``Catalog``, on servers that encrypt, what is hashed is encrypted, now and then with another key, and in 60 % of these
the stack loses such a connection and adopts it; in half of the histories on servers that know objects, a stream gets
the name of one, and another one later. In 30 % of those without a ``Catalog`` in which nothing is declared again, a
person changes the prefix before a sync, and the next program takes that over, with a refresh before or without, or
takes the old one back. In 60 % of those on servers that mask the destination's default namespace, and in 10 % of the
others, the tables are put into that by name from a program on: it is the one where they are.
"""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

from tools.proof.lines import HIDING_BY_KEY
from tools.proof.ours import Desired
from tools.proof.play import Renamed, Script, Step
from tools.proof.worlds import STREAMS

_WAITS = ("accepted", "accepted", "accepted", "job", "job", "filled")


def with_ways(script: Script, seed: int) -> Script:
    """A script with choices for its programs."""
    rng = random.Random(f"ways {seed}")  # noqa: S311 - a simulation
    steps = list(script.steps)
    places = [place for place, step in enumerate(steps) if isinstance(step, Desired)]
    programs = [step for step in steps if isinstance(step, Desired)]
    if rng.random() < 0.4:
        _put_off(programs, rng)
    if rng.random() < 0.3:
        _pause(programs, rng)
    if rng.random() < 0.2:
        place = rng.randrange(2, len(programs))
        programs[place] = replace(programs[place], adopt=not programs[place].recreate)
    part = frozenset(rng.sample(STREAMS, rng.choice([1, 1, 2]))) if rng.random() < 0.2 else frozenset[str]()
    secret = _secret(rng) if rng.random() < 0.3 else frozenset[str]()
    since, wait, same = rng.choice([0, 0, 1, 2]), rng.choice(_WAITS), rng.random() < 0.5
    for number, (place, program) in enumerate(zip(places, programs, strict=True)):
        steps[place] = replace(
            program,
            wait=wait if same else rng.choice(_WAITS),
            secret=secret if number >= since else frozenset[str](),
            twice=rng.random() < 0.15,
            # Who accepts a newer schema must declare all that it changes.
            accept=program.accept and not part,
        )
    if not part and script.setup.encrypts and rng.random() < 0.8:
        _encrypt(steps, places, rng)
    if script.setup.names_objects and rng.random() < 0.5:
        _name_objects(steps, places, rng)
    turn = random.Random(f"default namespace {seed}")  # noqa: S311 - a simulation
    if not part and turn.random() < (0.6 if script.setup.masks else 0.1):
        _by_default(steps, places, turn)
    if not part:
        _rename(steps, places, random.Random(f"person {seed}"))  # noqa: S311 - a simulation
    return replace(script, steps=steps, part=part)


def _encrypt(steps: list[Step], places: list[int], rng: random.Random) -> None:
    """What is hashed is encrypted, now and then with another key."""
    name, other = "encrypt", "encrypt again"
    for place in places:
        if rng.random() < 0.3:
            name, other = other, name
        program = steps[place]
        if isinstance(program, Desired):
            lines = {
                stream: replace(line, mappers=tuple(name if each == "hash" else each for each in line.mappers))
                for stream, line in program.lines.items()
            }
            steps[place] = replace(program, lines=lines)
    if rng.random() < 0.6:
        _adopt_what_encrypts(steps, places, rng)


def _adopt_what_encrypts(steps: list[Step], places: list[int], rng: random.Random) -> None:
    """The stack loses a connection that encrypts, and adopts it with a key that may be another one."""
    encrypting = {
        place
        for place in places
        if isinstance(program := steps[place], Desired)
        and any(HIDING_BY_KEY & {*line.mappers} for line in program.lines.values())
    }
    following = [place for before, place in pairwise(places[1:]) if {before, place} <= encrypting]
    if following:
        place = rng.choice(following)
        program = steps[place]
        if isinstance(program, Desired):
            steps[place] = replace(program, adopt=not program.recreate)


def _name_objects(steps: list[Step], places: list[int], rng: random.Random) -> None:
    """A stream is given the name of an object, and another one later: no table moves."""
    stream = rng.choice(STREAMS)
    first, second = sorted(rng.sample(places[1:], 2))
    for place in places:
        program = steps[place]
        if isinstance(program, Desired) and stream in program.lines and place >= first:
            named = replace(program.lines[stream], object_name="crowd" if place >= second else "people")
            steps[place] = replace(program, lines={**program.lines, stream: named})


def _by_default(steps: list[Step], places: list[int], rng: random.Random) -> None:
    """From a program on, tables are put into the destination's default namespace, where they are already."""
    since = rng.choice(places[1:])
    for place in places:
        program = steps[place]
        if isinstance(program, Desired) and place >= since:
            steps[place] = replace(program, by_default=True)


def _rename(steps: list[Step], places: list[int], rng: random.Random) -> None:
    """A person changes the prefix before a sync, and the next program takes it over, or takes the old one back."""
    programs = {place: program for place in places if isinstance(program := steps[place], Desired)}
    fit = [
        (before, place)
        for before, place in pairwise(places)
        if programs[before].active
        and programs[place].active
        and None in steps[before:place]
        # A connection that is declared again knows nothing of the names that the deleted one had left.
        and not any(programs[each].recreate for each in places if each >= place)
    ]
    if not fit or rng.random() >= 0.3:
        return
    before, place = rng.choice(fit)
    old, new = programs[before].prefix, f"ui_{programs[before].prefix}"
    takes_over = rng.random() < 0.6
    for each in places:
        if each >= place and takes_over and programs[each].prefix == old:
            steps[each] = programs[each] = replace(programs[each], prefix=new)
    refresh = programs[place].refresh or programs[place].prefix == old
    steps[place] = replace(programs[place], refresh=refresh, adopt=False)
    synced = max(number for number in range(before, place) if steps[number] is None)
    steps.insert(synced - isinstance(steps[synced - 1], list), Renamed(new))


def _put_off(programs: list[Desired], rng: random.Random) -> None:
    """A change is not declared, but with the next one."""
    for _ in range(rng.choice([1, 1, 2])):
        place = rng.randrange(1, len(programs) - 1)
        before, program = programs[place - 1], programs[place]
        programs[place] = replace(
            program, lines=before.lines, prefix=before.prefix, active=before.active, recreate=False
        )


def _pause(programs: list[Desired], rng: random.Random) -> None:
    """The connection is inactive for a while, and changed all the same."""
    begin = rng.randrange(1, len(programs) - 1)
    for place in range(begin, min(begin + rng.randint(1, 3), len(programs) - 1)):
        programs[place] = replace(programs[place], active=False)


def _secret(rng: random.Random) -> frozenset[str]:
    streams = rng.choice([frozenset({"streams"}), frozenset(rng.sample(STREAMS, rng.randint(0, 2)))])
    return streams | (frozenset({"prefix"}) if not streams or rng.random() < 0.5 else frozenset[str]())
