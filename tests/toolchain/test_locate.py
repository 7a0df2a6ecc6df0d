"""Which Pulumi CLI is taken, and what is said when there is none."""

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.pulumi import build, command_line, locate, official, pins
from tools.pulumi.cache import Cache
from tools.pulumi.talk import SetupError, duration
from tools.pulumi.versions import Version, go_version, pulumi_version

Script = Callable[[Path, str], Path]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def script() -> Script:
    def write(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v3.259.0\n", Version(3, 259)),
        ("3.182.1", Version(3, 182, 1)),
        ("v3.183.0-alpha.x1a2b3c", Version(3, 183)),
        ("", None),
        ("pulumi: not found", None),
    ],
)
def test_versions_of_pulumi(text: str, version: Version | None) -> None:
    assert pulumi_version(text) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", Version(1, 26, 8)),
        ("go version go1.26 linux/arm64", Version(1, 26)),
        ("go version devel go1.27-5a1b2c3 Mon linux/amd64", Version(1, 27)),
        ("", None),
    ],
)
def test_versions_of_go(text: str, version: Version | None) -> None:
    assert go_version(text) == version


def test_versions_compare_by_number() -> None:
    assert Version(3, 99, 9) < Version(3, 182) < Version(3, 182, 1)


def test_the_pinned_releases_belong_together() -> None:
    go_mod = (pins.GO_MODULE / "go.mod").read_text()
    assert re.search(rf"^\s*github\.com/pulumi/pulumi/sdk/v3 v{re.escape(pins.CLI_VERSION)}\b", go_mod, re.MULTILINE)
    assert f"\ngo {pins.OLDEST_GO}\n" in go_mod
    assert f"\npulumi=={pins.CLI_VERSION}\n" in pins.PINNED_PACKAGES.read_text()


class TestOnPath:
    def test_a_new_enough_one_is_taken(self, cache: Cache, script: Script, empty_path: Path) -> None:
        script(empty_path / "pulumi", "echo v3.182.0")
        script(empty_path / "pulumi-language-python", "")
        assert locate.ready(cache) == locate.Cli(empty_path, "on PATH")

    def test_it_is_asked_for_its_version_once(
        self, cache: Cache, script: Script, empty_path: Path, tmp_path: Path
    ) -> None:
        script(empty_path / "pulumi", f"echo asked >> {tmp_path}/asked; echo v3.200.0")
        script(empty_path / "pulumi-language-python", "")
        for _ in range(3):
            assert locate.on_path(cache) == empty_path
        assert (tmp_path / "asked").read_text() == "asked\n"
        script(empty_path / "pulumi", "echo v3.100.0 # another one")
        assert locate.on_path(cache) is None

    def test_an_old_one_is_not_taken(
        self, cache: Cache, script: Script, empty_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        script(empty_path / "pulumi", "echo v3.181.9")
        script(empty_path / "pulumi-language-python", "")
        assert locate.on_path(cache) is None
        assert "its version is v3.181.9, and 3.182.0 or newer is needed" in capsys.readouterr().err

    def test_one_without_the_language_host_is_not_taken(
        self, cache: Cache, script: Script, empty_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        script(empty_path / "pulumi", "echo v3.259.0")
        assert locate.on_path(cache) is None
        assert "pulumi-language-python is not beside it" in capsys.readouterr().err

    def test_a_link_to_a_complete_one_is_taken(
        self, cache: Cache, script: Script, empty_path: Path, tmp_path: Path
    ) -> None:
        script(tmp_path / "opt" / "pulumi", "echo v3.259.0")
        script(tmp_path / "opt" / "pulumi-language-python", "")
        (empty_path / "pulumi").symlink_to(tmp_path / "opt" / "pulumi")
        assert locate.on_path(cache) == tmp_path / "opt"

    def test_one_out_of_the_cache_is_not_taken_for_the_users_own(
        self, cache: Cache, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script(cache.root / "bin-old" / "pulumi", "echo v3.259.0")
        script(cache.root / "bin-old" / "pulumi-language-python", "")
        monkeypatch.setenv("PATH", str(cache.root / "bin-old"))
        assert locate.ready(cache) is None


class TestOrder:
    @pytest.fixture
    def calls(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_path: Path) -> list[str]:
        calls: list[str] = []

        def install(cache: Cache) -> Path | None:
            calls.append("download")
            return None

        def make(cache: Cache) -> Path:
            calls.append("build")
            return tmp_path / "built"

        monkeypatch.setattr(official, "install", install)
        monkeypatch.setattr(build, "build", make)
        return calls

    def test_a_download_is_tried_before_a_build(self, cache: Cache, calls: list[str], tmp_path: Path) -> None:
        assert locate.prepare(cache) == locate.Cli(tmp_path / "built", "built from Go modules")
        assert calls == ["download", "build"]

    def test_nothing_is_made_if_there_is_one(
        self, cache: Cache, calls: list[str], script: Script, empty_path: Path
    ) -> None:
        script(empty_path / "pulumi", "echo v3.259.0")
        script(empty_path / "pulumi-language-python", "")
        assert locate.prepare(cache).folder == empty_path
        assert calls == []

    def test_what_was_compiled_is_used_without_a_download(
        self, cache: Cache, calls: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(build, "compiled", lambda cache: True)
        locate.prepare(cache)
        assert calls == ["build"]

    def test_an_earlier_download_is_used(self, cache: Cache, calls: list[str], script: Script) -> None:
        script(cache.root / f"official-{pins.CLI_VERSION}" / "bin" / "pulumi", "")
        assert locate.prepare(cache).origin == "downloaded"
        assert calls == []

    def test_two_processes_make_one_cli(
        self, cache: Cache, calls: list[str], script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def install(cache: Cache) -> Path:
            calls.append("download")
            time.sleep(0.5)
            return script(cache.root / f"official-{pins.CLI_VERSION}" / "bin" / "pulumi", "").parent

        monkeypatch.setattr(official, "install", install)
        threads = [threading.Thread(target=locate.prepare, args=(cache,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert calls == ["download"]


class TestOfficial:
    INSTALL = "import pathlib, sys; b = pathlib.Path(sys.argv[1], 'bin'); b.mkdir(); "

    def test_a_download_is_kept(self, cache: Cache) -> None:
        with cache.locked():
            folder = official.install(
                cache, self.INSTALL + "[(b / n).touch() for n in ('pulumi', 'pulumi-language-python')]"
            )
        assert folder == official.installed(cache) == cache.root / f"official-{pins.CLI_VERSION}" / "bin"

    def test_a_failure_takes_one_line_and_leaves_nothing(
        self, cache: Cache, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with cache.locked():
            assert official.install(cache, self.INSTALL + "raise OSError('no route')") is None
        assert capsys.readouterr().err.splitlines()[1:] == ["the download is not possible here (OSError: no route)"]
        assert [path.name for path in cache.root.iterdir()] == ["lock"]

    def test_half_a_download_is_not_kept(self, cache: Cache) -> None:
        with cache.locked():
            assert official.install(cache, self.INSTALL + "(b / 'pulumi').touch()") is None
        assert official.installed(cache) is None

    def test_it_is_given_up_in_time(self, cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
        started = time.monotonic()
        sleeping = "import subprocess; subprocess.run(['sleep', '30'])"
        with cache.locked():
            assert official.install(cache, sleeping, time_limit=0.5) is None
        assert time.monotonic() - started < 10
        assert "nothing came within 0.5 s" in capsys.readouterr().err


class TestGo:
    def test_no_go(self, empty_path: Path) -> None:
        with pytest.raises(SetupError) as raised:
            build.find_go()
        assert str(raised.value) == (
            "There is no Pulumi CLI here: install Pulumi 3.182 or newer, or Go 1.26.6 or newer to build it with."
        )

    def test_an_old_go(self, empty_path: Path, script: Script) -> None:
        go = script(empty_path / "go", "echo go version go1.22.1 linux/amd64")
        with pytest.raises(SetupError) as raised:
            build.find_go()
        assert str(raised.value) == (
            f"There is no Pulumi CLI here, and {go} is too old to build it (1.22.1): "
            "install Pulumi 3.182 or newer, or Go 1.26.6 or newer."
        )

    def test_a_new_enough_go(self, empty_path: Path, script: Script) -> None:
        go = script(empty_path / "go", "echo go version go1.26.6 linux/amd64")
        assert build.find_go() == str(go)

    def test_a_failing_build_says_why_in_one_sentence(
        self, cache: Cache, tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script(
            tmp_path / "bin" / "go",
            'case "$1" in version) echo go version go1.26.6 x/y;; *) echo "proxy: no such host" >&2; exit 1;; esac',
        )
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        with cache.locked(), pytest.raises(SetupError) as raised:
            build.build(cache)
        assert str(raised.value) == (
            f"The Pulumi CLI cannot be built here (`go list`: proxy: no such host; log in {cache.log}): "
            "install Pulumi 3.182 or newer."
        )
        assert not list(cache.root.glob("built-*"))
        assert not list(cache.root.glob("unfinished-*"))

    def test_a_build_keeps_what_is_needed_and_nothing_else(
        self, cache: Cache, tmp_path: Path, script: Script, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        script(
            tmp_path / "bin" / "go",
            """
            [ "$1" = version ] && exec echo go version go1.26.6 x/y
            mkdir -p "$GOMODCACHE/sdk/python/cmd" "$GOMODCACHE/sdk/python/dist" "$GOCACHE"
            touch "$GOMODCACHE/sdk/python/cmd/pulumi-language-python-exec"
            touch "$GOMODCACHE/sdk/python/dist/pulumi-resource-pulumi-python"
            case "$*" in
              *" -m "*) echo "$GOMODCACHE/sdk";;
              list*) printf 'one\\ntwo\\n';;
              build*) while [ "$1" != -o ]; do shift; done; touch "$2";;
            esac
            """,
        )
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        monkeypatch.setattr(build, "_build_host_environment", lambda cache: None)
        with cache.locked():
            folder = build.build(cache)
        assert sorted(path.name for path in folder.iterdir()) == [
            "host",
            "pulumi",
            "pulumi-language-python",
            "pulumi-language-python-exec",
            "pulumi-resource-pulumi-python",
        ]
        assert build.compiled(cache)
        assert not cache.go.exists()


class TestCache:
    def test_its_folder_is_named_by_the_environment(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("AIRBYTE_WB_CACHE", str(tmp_path))
        assert Cache.from_environment().root == tmp_path
        monkeypatch.delenv("AIRBYTE_WB_CACHE")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert Cache.from_environment().root == tmp_path / ".cache" / "pulumi-airbyte-wb"

    def test_a_folder_appears_when_it_is_complete(self, cache: Cache) -> None:
        target = cache.root / "thing"
        with cache.locked():
            with cache.filling(target) as folder:
                (folder / "file").touch()
                assert not target.exists()
            assert (target / "file").exists()

    def test_a_failure_leaves_what_was_there(self, cache: Cache) -> None:
        with cache.locked():
            (cache.root / "thing").mkdir()
            with pytest.raises(ZeroDivisionError), cache.filling(cache.root / "thing"):
                raise ZeroDivisionError
        assert sorted(path.name for path in cache.root.iterdir()) == ["lock", "thing"]

    def test_leftovers_of_a_killed_process_are_removed(self, cache: Cache) -> None:
        (cache.root / "unfinished-1").mkdir(parents=True)
        with cache.locked():
            assert not (cache.root / "unfinished-1").exists()


class TestCommandLine:
    @pytest.fixture
    def cli(self, cache: Cache, script: Script, empty_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("AIRBYTE_WB_CACHE", str(cache.root))
        script(empty_path / "pulumi", "echo v3.259.0")
        script(empty_path / "pulumi-language-python", "")
        return empty_path

    def test_path_prints_the_folder_and_nothing_else(self, cli: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert command_line.main(["--path"]) == 0
        assert capsys.readouterr().out == f"{cli}\n"

    def test_env_prints_lines_for_a_shell(self, cli: Path, cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
        assert command_line.main(["--env"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert all(line.startswith("export ") for line in lines)
        assert f"export PULUMI_HOME={cache.pulumi_home}" in lines
        assert any(line.startswith("export PATH=") and f"{cli}:" in line for line in lines)

    def test_a_failure_is_one_sentence_on_stderr(
        self, cache: Cache, empty_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(cache: Cache) -> locate.Cli:
            raise SetupError("There is none.")

        monkeypatch.setattr(command_line, "prepare", fail)
        assert command_line.main(["--path"]) == 1
        captured = capsys.readouterr()
        assert (captured.out, captured.err) == ("", "There is none.\n")


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (372, "6 min 12 s")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
