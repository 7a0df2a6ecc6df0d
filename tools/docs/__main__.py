"""`python -m tools.docs`: makes what the pages hold that is not written by hand."""

from __future__ import annotations

import argparse
import sys

from tools.docs import PAGE, page
from tools.docs.following import PAGES, Followed, follow
from tools.docs.messages import MESSAGES, messages
from tools.docs.recording import SESSION, renew, session
from tools.docs.servers import SERVERS, servers


def main() -> int:
    """Write the pages that are made; with options, follow the pages first."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.docs",
        description="Writes the pages of docs/ that are made from code and data.",
    )
    parser.add_argument("--captures", action="store_true", help="renew the output that README and docs show")
    parser.add_argument("--session", action="store_true", help="renew the recorded session, from the README alone")
    options = parser.parse_args()
    PAGE.write_text(page())
    MESSAGES.write_text(messages())
    SERVERS.write_text(servers())
    if not (options.captures or options.session):
        return 0
    steps = []
    for step in follow(PAGES if options.captures else PAGES[:1]):
        print(f"{step.block.place}: {step.command.line if step.command else step.block.file}", flush=True)
        steps.append(step)
    failed = [step for step in steps if step.code]
    for step in failed:
        print(step.wrong)
    if failed:
        return 1
    if options.captures:
        print("\n".join(f"renewed: {place}" for place in renew(steps)) or "every output is as it was")
    if options.session:
        SESSION.write_text(session(_first_section(steps)))
    return 0


def _first_section(steps: list[Followed]) -> list[Followed]:
    """The README's first program, up to the end of it."""
    first = steps[0].block
    return [step for step in steps if (step.block.page, step.block.section) == (first.page, first.section)]


sys.exit(main())
