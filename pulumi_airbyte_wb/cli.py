"""The command line: ``airbyte-wb``."""

import signal
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Airbyte connections as code: tools beside the Pulumi program.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Keep subcommands subcommands while there is only one."""


@app.command("emulator")
def run_emulator(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 0,
    world: Annotated[Path | None, typer.Option(help="A world file (YAML); the built-in world if not given.")] = None,
    server_version: Annotated[
        str | None, typer.Option(help="The server version whose rules hold, such as 1.8.0.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="One SQLite file that keeps everything; in memory if not given.")
    ] = None,
) -> None:
    """Run a simulated Airbyte server until it is told to stop."""
    try:
        from pulumi_airbyte_wb.emulator.foreground import serve
        from pulumi_airbyte_wb.emulator.world_file import WorldError
    except ModuleNotFoundError as missing:
        typer.echo(f"The emulator needs {missing.name}: pip install 'pulumi_airbyte_wb[emulator]'.", err=True)
        raise typer.Exit(2) from None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(host, port, world, server_version, data, typer.echo)
    except (WorldError, ValueError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    except OSError as problem:
        typer.echo(f"Cannot listen on {host}:{port}: {problem.strerror}.", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        return


def main() -> None:
    """The console script."""
    app()
