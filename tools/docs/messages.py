"""Makes `docs/messages.md`: every sentence that the package can print, found in its code."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pulumi_airbyte_wb
from pulumi_airbyte_wb import errors
from pulumi_airbyte_wb.plan import MEANING, TABLE
from pulumi_airbyte_wb.plan.notices import FAILED, PAUSED, RUNNING, RUNNING_ONE
from pulumi_airbyte_wb.plan.obstacles import OBSTACLES
from pulumi_airbyte_wb.plan.words import REFILLED, SENTENCES

MESSAGES = Path(__file__).parents[2] / "docs" / "messages.md"
_ROOT = Path(pulumi_airbyte_wb.__file__).parent
_ROOMS = (
    "resources",
    "providers",
    "lifecycle",
    "live",
    "api",
    "plan",
    "spec",
    "state",
    "server_rules",
    "policy",
    "pages",
)
_LINES = ("info", "warn", "status")

_HEAD = """# Every message

<!-- Made by `python -m tools.docs` from the code; do not edit. -->

`…` and words in braces stand for what a message is about. A value that is secret is shown as `[secret]`.

## What a preview says of a stream

| what is done | in words |
| --- | --- |
"""


def messages() -> str:
    """The page."""
    parts = [_HEAD + "".join(f"| `{action.word}` | {text} |\n" for action, text in MEANING.items())]
    parts.append("\nThe reason stands behind `because`: that of the code, or one of those below.\n\n")
    parts.append(_list(sorted({_cell(row.because) for row in TABLE} | {_cell(text) for text in SENTENCES.values()})))
    parts.append("\nWhere tables are cleared:\n\n" + _list([_cell(text) for text in REFILLED.values()]))
    parts.append("\n## What stands in the way of an update\n\n| code | message |\n| --- | --- |\n")
    parts += [f"| {code.value} | {_cell(text)} |\n" for code, text in sorted(OBSTACLES.items())]
    parts.append("\n## What an update says while it works\n\n" + _list(sorted(set(_told()))))
    parts.append("\n## What Airbyte does itself\n\n" + _list([*PAUSED.values(), FAILED, RUNNING_ONE, RUNNING]))
    for kind, texts in sorted(_raised().items()):
        about = (getattr(errors, kind).__doc__ or "").strip().partition("\n")[0]
        parts.append(f"\n## {kind}\n\n{about}\n\n{_list(sorted(texts))}")
    return "".join(parts)


def _list(texts: list[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)


def _trees() -> Iterator[ast.Module]:
    for room in _ROOMS:
        for path in sorted((_ROOT / room).rglob("*.py")):
            yield ast.parse(path.read_text())


def _told() -> Iterator[str]:
    """What is written to a resource's row."""
    for call in (node for tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _LINES and call.args:
            text = _text(call.args[0])
            if text:
                yield _cell(text)


def _raised() -> dict[str, set[str]]:
    """What errors say, by their class; the value of a declaration stands before its rule."""
    found: dict[str, set[str]] = defaultdict(set)
    for call in (node for tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.Call)):
        kind = call.func.id if isinstance(call.func, ast.Name) else ""
        if not (isinstance(getattr(errors, kind, None), type) and kind.endswith("Error")):
            continue
        texts = [_text(argument) for argument in call.args]
        if kind == "DeclarationError":
            rule, hint = ([*texts, "", "", "", ""])[2:4]
            text = f"PROPERTY: VALUE {rule}{'; ' if rule and hint else ''}{hint}" if rule else ""
        else:
            text = texts[0] if texts else ""
        if text:
            found[kind].add(_cell(text))
    return found


def _text(node: ast.expr) -> str:
    """A literal text, with names for what is put into it; empty where it is made elsewhere."""
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=values):
            return "".join(_text(each) if isinstance(each, ast.Constant) else _place(each) for each in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case ast.IfExp(body=body, orelse=other):
            return " / ".join(text for text in (_text(body), _text(other)) if text)
        case _:
            return ""


def _place(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.FormattedValue) else node
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return f"{{{name}}}"
        case _:
            return "…"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
