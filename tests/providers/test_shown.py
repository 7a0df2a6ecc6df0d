"""The notes between the preview and the update of one command."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Action, Effect, Operation, Plan
from pulumi_airbyte_wb.providers import shown
from pulumi_airbyte_wb.providers.process import process
from pulumi_airbyte_wb.providers.shown import Command, command_of_engine, held_to_preview
from pulumi_airbyte_wb.spec.changes import ChangeKey, Detail, Item, Kind, What
from pulumi_airbyte_wb.spec.codes import Code

USERS, EVENTS = (StreamDescriptor("public", name) for name in ("users", "events"))
URN = "urn:pulumi:dev::p::t::shop"


def effect(stream: StreamDescriptor, action: Action = Action.TRUNCATE) -> Effect:
    detail = Detail(What.KEY, (Item("", "id", "name"),))
    return Effect(ChangeKey.of(stream, Kind.KEY, "id", "name"), Code.KEY_CHANGED, action, detail)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private folder, and a `pulumi up` that this process seems to work for."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    real = Command(os.getpid(), shown._process(os.getpid()).started, 1, ("pulumi", "up"))  # type: ignore[union-attr]
    monkeypatch.setitem(vars(process), "command", real)
    monkeypatch.setattr(process, "in_update", False)
    return tmp_path / f"airbyte-wb-{os.getuid()}"


def in_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: -1)


@pytest.mark.parametrize(
    ("before", "after", "streams"),
    [
        ((USERS,), (USERS,), None),
        ((USERS, EVENTS), (USERS,), None),
        ((), (), None),
        ((), (USERS,), ("public.users",)),
        ((USERS,), (USERS, EVENTS), ("public.events",)),
    ],
)
def test_only_what_was_not_shown_stands_in_the_way(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[StreamDescriptor, ...],
    after: tuple[StreamDescriptor, ...],
    streams: tuple[str, ...] | None,
) -> None:
    was, now = (Plan(Operation.UPDATE, effects=tuple(map(effect, each))) for each in (before, after))
    assert held_to_preview(URN, was if before else None) is None
    assert held_to_preview(URN, now) is None  # the same process checks a replacement twice
    (note,) = folder.rglob("*/*")
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert "users" not in note.read_text()
    in_update(monkeypatch)
    found = held_to_preview(URN, now)
    assert (found and found.streams) == streams
    assert held_to_preview(URN, now) is None
    assert list(folder.iterdir()) == []


def test_another_action_was_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held_to_preview(URN, Plan(Operation.UPDATE, effects=(effect(USERS),)))
    in_update(monkeypatch)
    assert held_to_preview(URN, Plan(Operation.UPDATE, effects=(effect(USERS, Action.CLEAR),))) is not None
    assert not list(folder.rglob("*/*"))


def test_what_was_left_to_the_update_may_be_anything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held_to_preview(URN, Plan(Operation.UPDATE, undecided=("streams",)))
    in_update(monkeypatch)
    assert held_to_preview(URN, Plan(Operation.UPDATE, effects=(effect(USERS),))) is None
    assert not list(folder.rglob("*/*"))


def test_what_a_stopped_command_left_is_removed(folder: Path) -> None:
    left = folder / "1-0123456789ab"
    left.mkdir(parents=True)
    folder.chmod(0o700)
    held_to_preview(URN, None)
    assert not left.exists()


def test_a_folder_that_others_may_write_to_is_not_used(folder: Path) -> None:
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    assert held_to_preview(URN, None) is None
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "updates", "previews"),
    [
        (("pulumi", "up", "--yes"), True, True),
        (("/usr/bin/pulumi", "-s", "dev", "update"), True, True),
        (("pulumi", "up", "--skip-preview"), True, False),
        (("pulumi", "up", "-f"), True, False),
        (("pulumi", "up", "--skip-preview=true"), True, False),
        (("pulumi", "watch"), True, False),
        (("pulumi", "preview"), False, False),
        (("pulumi", "refresh", "--yes"), False, False),
    ],
)
def test_which_commands_show_a_preview_of_their_own(words: tuple[str, ...], updates: bool, previews: bool) -> None:
    command = Command(1, "then", 0, words)
    assert (command.updates, command.previews) == (updates, previews)


def test_no_engine_is_above_these_tests() -> None:
    assert command_of_engine() is None
    found = shown._process(os.getpid())
    assert found is not None
    assert Path(found.words[0]).name.startswith(Path(sys.executable).name[:6])
    assert found.parent == os.getppid()
