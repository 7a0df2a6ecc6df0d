"""Which Python the language host runs a program with."""

from pathlib import Path

import pytest

from tools.pulumi.language_host.interpreter import InterpreterError, find


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o755)
    return path


def test_python3_on_path_comes_before_python(tmp_path: Path) -> None:
    python = executable(tmp_path / "a" / "python")
    environment = {"PATH": f"{tmp_path}/a:{tmp_path}/b"}
    assert find("", tmp_path, environment).python == str(python)
    python3 = executable(tmp_path / "b" / "python3")
    assert find("", tmp_path, environment).python == str(python3)


def test_the_variable_of_the_dynamic_provider_counts_here_too(tmp_path: Path) -> None:
    executable(tmp_path / "python3")
    special = executable(tmp_path / "special")
    assert find("", tmp_path, {"PATH": str(tmp_path), "PULUMI_PYTHON_CMD": "special"}).python == str(special)


def test_no_python(tmp_path: Path) -> None:
    with pytest.raises(InterpreterError, match="no python3 or python on PATH"):
        find("", tmp_path, {"PATH": str(tmp_path)})


@pytest.mark.parametrize("absolute", [True, False])
def test_a_virtual_environment_is_activated(tmp_path: Path, absolute: bool) -> None:
    python = executable(tmp_path / "env" / "bin" / "python")
    option = str(tmp_path / "env") if absolute else "env"
    found = find(option, tmp_path, {"PATH": "/usr/bin", "PYTHONHOME": "/wrong", "HOME": "/home"})
    assert found.python == str(python)
    assert found.environment == {
        "PATH": f"{tmp_path}/env/bin:/usr/bin",
        "VIRTUAL_ENV": f"{tmp_path}/env",
        "HOME": "/home",
    }


def test_a_folder_that_is_no_virtual_environment(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    with pytest.raises(InterpreterError, match=r"env is not a virtual environment; create it with `python3 -m venv"):
        find("env", tmp_path, {})
