"""``python -m pulumi_airbyte_wb.emulator``: the same as ``airbyte-wb emulator``."""

from pulumi_airbyte_wb.cli import run_emulator

if __name__ == "__main__":
    import typer

    typer.run(run_emulator)
