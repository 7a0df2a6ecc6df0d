"""The command line: ``airbyte-wb``."""

import typer

from pulumi_airbyte_wb.emulator import commands as emulator

app = typer.Typer(
    help="Airbyte connections as code: tools beside the Pulumi program.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(emulator.app, name="emulator")


@app.callback()
def _commands() -> None:
    """Keep subcommands subcommands while there is only one."""


def main() -> None:
    """The console script."""
    app()
