"""The exit code of a program that ends early, by which Pulumi knows whether its error was shown already."""

from __future__ import annotations

import sys
import threading

_SHOWN = "PYTHON_PROCESS_EXITED_AFTER_SHOWING_USER_ACTIONABLE_MESSAGE_CODE"


def expect_shown_error() -> None:
    """Let the program's process end with the code for an error that was shown, should one end it.

    Pulumi's executor prints a ``RunError`` and then ends with 1, and the engine adds "an unhandled error
    occurred: program exited with non-zero exit code: 1". A program that catches the error still ends with 0.
    Does nothing where the executor is built otherwise, and where there is none: in tests, and in the Automation API.
    """
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None:
        variables = frame.f_globals
        if _SHOWN in variables and "exit_code" in variables:
            variables["exit_code"] = variables[_SHOWN]
            return
        frame = frame.f_back
