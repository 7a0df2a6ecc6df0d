"""The command line: ``airbyte-wb``."""

from typing import Annotated

import typer

from pulumi_airbyte_wb._version import __version__
from pulumi_airbyte_wb.emulator import commands as emulator
from pulumi_airbyte_wb.pages.commands import copy_example, print_page

app = typer.Typer(
    help="Airbyte connections as code: tools beside the Pulumi program.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(emulator.app, name="emulator")


app.command("docs")(print_page)
app.command("examples")(copy_example)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"airbyte-wb {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def main() -> None:
    """The console script."""
    app()
