"""The commands ``airbyte-wb docs`` and ``airbyte-wb examples``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown

from pulumi_airbyte_wb.errors import AirbyteError
from pulumi_airbyte_wb.pages import example_names, find_page, page_titles, write_example
from pulumi_airbyte_wb.spec.codes import Code


def print_page(
    page: Annotated[
        str | None, typer.Argument(help=f"A page, or a code such as {Code.KEY_CHANGED}; lists the pages if not given.")
    ] = None,
) -> None:
    """Print a page of the documentation, or what it says about a code."""
    if page is None:
        titles = page_titles()
        width = max(map(len, titles))
        typer.echo("\n".join(f"{name:<{width}}  {title}" for name, title in titles.items()))
        return
    try:
        found = find_page(page)
    except AirbyteError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    console = Console()
    if console.is_terminal and found.is_markdown:
        console.print(Markdown(found.text))
    else:
        typer.echo(found.text, nl=False)


def copy_example(
    name: Annotated[str | None, typer.Argument(help="An example; lists them if not given.")] = None,
    folder: Annotated[Path | None, typer.Argument(help="Where to write it; a folder of its name if not given.")] = None,
) -> None:
    """Write an example into a folder of your own."""
    if name is None:
        typer.echo("\n".join(example_names()))
        return
    target = folder or Path(name)
    try:
        write_example(name, target)
    except AirbyteError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"wrote {target}")
