"""What an operation does, as a program declares it, as one line, and as the API has it (semantics §8).

Lines: ``webhook config=UUID account=7 job=8``, ``dbt repo=URL branch=main image=… args="run -x"``, ``normalization``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pulumi_airbyte_wb.errors import DeclarationError, nearest
from pulumi_airbyte_wb.models import (
    DbtCloudJob,
    DbtOperator,
    NormalizationOperator,
    OperationRead,
    OperatorConfiguration,
    OperatorType,
    WebhookOperator,
)
from pulumi_airbyte_wb.spec.inputs import text, uuid

KINDS = tuple(kind.value for kind in OperatorType)

_DBT = {"git_repo_url": "repo", "git_repo_branch": "branch", "docker_image": "image", "dbt_arguments": "args"}
_WEBHOOK = ("webhook_config_id", "dbt_cloud")
_JOB = ("account_id", "job_id")
_NEEDED = {
    "webhook_config_id": "copy the UUID from the workspace's settings",
    "dbt_cloud": "write {'account_id': …, 'job_id': …}",
}
_PART = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')
_LARGEST = 2**63 - 1
SMALL = 2**31 - 1
"""The largest number of an account or job that servers before 0.63.13 take."""


def configuration_of(value: object, path: str) -> OperatorConfiguration:
    """What a program declares of an operation: a mapping with one of ``normalization``, ``dbt`` and ``webhook``.

    Raises:
        DeclarationError: nothing, more than one thing, or something impossible is declared.
    """
    if isinstance(value, str):
        return parse_line(value, path)
    given = {name: part for name, part in _mapping(value, path).items() if part is not None}
    for name in given:
        if name not in KINDS:
            hint = nearest(str(name), KINDS) or f"use one of {', '.join(KINDS)}"
            raise DeclarationError(_join(path, name), name, "is not a kind of operation", hint)
    if len(given) != 1:
        found = " and ".join(sorted(given)) or "nothing"
        raise DeclarationError(path or "operation", found, "is declared", f"declare one of {', '.join(KINDS)}")
    ((kind, part),) = given.items()
    where = _join(path, kind)
    if kind == OperatorType.NORMALIZATION:
        _normalization(part, where)
        return OperatorConfiguration(operator_type=kind, normalization=NormalizationOperator(option="basic"))
    if kind == OperatorType.DBT:
        return OperatorConfiguration(operator_type=kind, dbt=_dbt(part, where))
    return OperatorConfiguration(operator_type=kind, webhook=_webhook(part, where))


def declared(configuration: OperatorConfiguration) -> dict[str, Any]:
    """The mapping that a program would write for a configuration; the inverse of ``configuration_of``."""
    kind = configuration.operator_type
    if kind == OperatorType.DBT and configuration.dbt:
        found = {name: getattr(configuration.dbt, name) for name in _DBT}
        return {kind: {name: value for name, value in found.items() if value is not None}}
    webhook = configuration.webhook
    if kind == OperatorType.WEBHOOK and webhook and webhook.dbt_cloud:
        job = {"account_id": webhook.dbt_cloud.account_id, "job_id": webhook.dbt_cloud.job_id}
        return {kind: {"webhook_config_id": webhook.webhook_config_id, "dbt_cloud": job}}
    return {kind: {"option": "basic"} if kind == OperatorType.NORMALIZATION else {}}


def line_of(configuration: OperatorConfiguration) -> str:
    """A configuration as one line, in its one form."""
    kind = configuration.operator_type
    parts: dict[str, object] = {}
    if configuration.dbt and kind == OperatorType.DBT:
        parts = {short: getattr(configuration.dbt, name) for name, short in _DBT.items()}
    webhook = configuration.webhook
    if webhook and webhook.dbt_cloud and kind == OperatorType.WEBHOOK:
        job = webhook.dbt_cloud
        parts = {"config": webhook.webhook_config_id, "account": job.account_id, "job": job.job_id}
    words = [f"{name}={_quoted(str(value))}" for name, value in parts.items() if value is not None]
    return " ".join([kind, *words])


def parse_line(line: str, path: str) -> OperatorConfiguration:
    """A configuration from its line.

    Raises:
        DeclarationError: the line is none of an operation.
    """
    kind, _, rest = line.partition(" ")
    parts = {name: json.loads(value) if value.startswith('"') else value for name, value in _PART.findall(rest)}
    if _PART.sub("", rest).strip():
        raise DeclarationError(path, line, "is not a line of an operation", "write a mapping instead")
    if kind == OperatorType.DBT:
        names = {short: name for name, short in _DBT.items()}
        return configuration_of({kind: {names.get(name, name): value for name, value in parts.items()}}, path)
    if kind == OperatorType.WEBHOOK:
        job = {"account_id": _number(parts.get("account")), "job_id": _number(parts.get("job"))}
        return configuration_of({kind: {"webhook_config_id": parts.get("config"), "dbt_cloud": job}}, path)
    return configuration_of({kind: {}}, path)


def lines_of(value: object, path: str) -> dict[str, str]:
    """The lines of a connection's own operations by name: from a list of mappings, or from lines by name.

    Raises:
        DeclarationError: a name is missing, empty or declared twice, or an operation is impossible.
    """
    if isinstance(value, Mapping):
        entries = [(name, part, f'{path}["{name}"]') for name, part in value.items()]
    elif isinstance(value, list | tuple):
        entries = []
        for index, item in enumerate(value):
            where = f"{path}[{index}]"
            rest = dict(_mapping(item, where))
            if "name" not in rest:
                raise DeclarationError(
                    f"{where}.name", "nothing", "is declared, but every operation needs a name", "give it one"
                )
            entries.append((rest.pop("name"), rest, where))
    else:
        raise DeclarationError(path, value, "is not a list of operations", "write [{'name': …, 'webhook': {…}}]")
    lines: dict[str, str] = {}
    for name, part, where in entries:
        if not text(name, f"{where}.name"):
            raise DeclarationError(f"{where}.name", name, "is empty", "give it a name")
        if name in lines:
            raise DeclarationError(f"{where}.name", name, "is declared twice", "names tell the operations apart")
        lines[name] = line_of(configuration_of(part, where))
    return dict(sorted(lines.items()))


def live_lines(operations: list[OperationRead]) -> dict[str, str]:
    """The lines of a connection's live operations by name; of two with one name, the one with the smaller id."""
    ordered = sorted(operations, key=lambda each: each.operation_id, reverse=True)
    return {each.name: line_of(each.operator_configuration) for each in ordered}


def _normalization(value: object, path: str) -> None:
    if value in (True, "basic"):
        return
    for name, option in _mapping(value, path).items():
        if name != "option":
            raise DeclarationError(
                _join(path, name), name, "is not a property of normalization", "its only property is option"
            )
        if option != "basic":
            raise DeclarationError(f"{path}.option", option, "is not possible here", "use 'basic'")


def _dbt(value: object, path: str) -> DbtOperator:
    given = _known(value, path, tuple(_DBT))
    if not given.get("git_repo_url"):
        raise DeclarationError(
            f"{path}.git_repo_url", "nothing", "is declared, but dbt needs a repository", "write its address"
        )
    return DbtOperator(**{name: text(part, f"{path}.{name}", longest=65_536) for name, part in given.items()})


def _webhook(value: object, path: str) -> WebhookOperator:
    given = dict(_mapping(value, path))
    for name in ("execution_url", "execution_body"):
        if given.get(name) is not None:
            raise DeclarationError(
                f"{path}.{name}", given[name], "is something that servers store but cannot read back: every later "
                "answer with this operation would be a 500", "declare dbt_cloud",
            )  # fmt: skip
    given = _known(given, path, _WEBHOOK)
    for name in _WEBHOOK:
        if name not in given:
            raise DeclarationError(f"{path}.{name}", "nothing", "is declared, but a webhook needs it", _NEEDED[name])
    job = _known(given["dbt_cloud"], f"{path}.dbt_cloud", _JOB)
    numbers: dict[str, int] = {}
    for name in _JOB:
        number = job.get(name)
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= _LARGEST:
            where = f"{path}.dbt_cloud.{name}"
            raise DeclarationError(where, number, "is not a number of dbt Cloud's", "copy it from the job's address")
        numbers[name] = number
    return WebhookOperator(
        webhook_config_id=uuid(given["webhook_config_id"], f"{path}.webhook_config_id"),
        webhook_type="dbtCloud",
        dbt_cloud=DbtCloudJob(**numbers),
    )


def _known(value: object, path: str, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: part for name, part in _mapping(value, path).items() if part is not None}
    for name in given:
        if name not in names:
            hint = nearest(str(name), names) or f"use {', '.join(names)}"
            raise DeclarationError(_join(path, name), name, "is not a property here", hint)
    return given


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        form = "write {'name': …, 'webhook': {…}}" if path.endswith("]") else "write {name: value, …}"
        raise DeclarationError(path or "operation", value, "is not a mapping", form)
    return value


def _join(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _number(value: str | None) -> int | str | None:
    return int(value) if value is not None and value.isdecimal() else value


def _quoted(value: str) -> str:
    return value if re.fullmatch(r'[^\s"]+', value) else json.dumps(value, ensure_ascii=False)
