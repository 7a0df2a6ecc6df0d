"""What the set-up says to the person who waits for it."""

import sys


class SetupError(Exception):
    """What a command needs cannot be made; the message is one sentence that says what to do."""


def say(sentence: str) -> None:
    """Prints a line where it cannot be mistaken for a result."""
    print(sentence, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """A time span in words a person would use."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
