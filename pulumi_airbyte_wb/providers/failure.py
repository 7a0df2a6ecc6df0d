"""How a failed step reaches the user: as its own sentence, whatever the Pulumi SDK would make of an exception.

Pulumi's dynamic server has no switch for that. Up to 3.259 it answers ``Exception calling application: SENTENCE``; from
3.260 on with the whole traceback, which buries the sentence. So the call is ended here, by gRPC's own ``abort``.
"""

from __future__ import annotations

import inspect
from typing import Any

import grpc


def end_call(sentence: str) -> None:
    """End the engine's call that this thread works on, with a sentence as all of its answer.

    Does nothing where no such call is found: outside of a provider's process, or under an SDK that is built otherwise.
    The caller then raises its error, and the user sees what Pulumi makes of it.
    """
    context = _call_in_progress()
    if context is None:
        return
    abort = context.abort

    def keep(code: Any, _traceback: str) -> None:
        abort(code, sentence)

    try:
        context.abort = keep  # the SDK's server aborts once more, with the traceback of what `abort` raises
    except AttributeError:
        return
    context.abort(grpc.StatusCode.UNKNOWN, "")


def _call_in_progress() -> Any:
    frame = inspect.currentframe()
    while frame is not None:
        for value in frame.f_locals.values():
            if isinstance(value, grpc.ServicerContext):
                return value
        frame = frame.f_back
    return None
