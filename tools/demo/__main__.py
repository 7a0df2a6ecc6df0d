"""`python -m tools.demo`: plays the demo and fails when a step shows anything else than it has to."""

from __future__ import annotations

import sys
import time

from rich.console import Console

from tools.demo.stage import StageError, set_stage
from tools.demo.story import Step, play


def main() -> int:
    """Play, then say what was checked; 0 when all of it was right."""
    console = Console()
    started = time.monotonic()
    steps: list[Step] = []
    failed = ""
    try:
        with set_stage(console) as stage:
            steps.extend(play(stage))
    except StageError as error:
        failed = str(error)
    console.rule("[bold]What was checked", align="left")
    for step in steps:
        if step.right:
            console.print(f"[green]ok[/]     {step.title}: {step.told}", highlight=False, soft_wrap=True)
        else:
            console.print(
                f"[red]FAILED[/] {step.title}: expected {step.expected}, got {step.shown}",
                highlight=False,
                soft_wrap=True,
            )
    if failed:
        console.print(f"[red]FAILED[/] {failed}", highlight=False, soft_wrap=True)
    console.print(f"{len(steps)} steps in {time.monotonic() - started:.0f} s", highlight=False, soft_wrap=True)
    return 0 if not failed and all(step.right for step in steps) else 1


sys.exit(main())
