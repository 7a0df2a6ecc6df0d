"""Everything that this package raises.

::

    AirbyteError
      DeclarationError        what a program declares is not possible: property, value, rule, hint
      ConfigurationError      how to reach the server is not said, or is contradictory
      CatalogError            the server would refuse this catalog; ``code`` says why
      PlanError               a planned change is not carried out
        BlockedError            it needs an explicit approval, or something stands in its way
        DriftedError            the live connection moved: the update would do more than was planned
        JobError                a job that was waited for did not succeed
      ApiError                an exchange with the server failed
        UnreachableError        no answer: refused, unknown host, timed out, cut
          NotAskedError           not sent: the server did not answer the calls before
        AnswerError             an answer that is not what the API promises
        UnsupportedError        the server's version does not have this call or field
        StatusError             an answer that says no
          AuthenticationError     401
          ForbiddenError          403
          NotFoundError           404: an id
          NoEndpointError         404: a path
          ConflictError           409, 423
          InvalidRequestError     400, 413, 422
          ServerError             5xx, 429

Catch ``AirbyteError`` around everything, ``ApiError`` around the client, ``StatusError`` for what the server decided.
Texts never hold credentials.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST_PATH = 200


class AirbyteError(Exception):
    """Root of every error of this package; its text is one or two sentences for users."""


class DeclarationError(AirbyteError):
    """A declared value that cannot be.

    Args:
        path: the property as the program writes it, for example ``streams["public.users"].cursor``.
        value: what was declared.
        rule: what it has to be.
        hint: what to do instead, where one sentence can say it.
    """

    def __init__(self, path: str, value: object, rule: str, hint: str = "") -> None:
        self.path = path
        self.value = value
        self.rule = rule
        self.hint = hint
        super().__init__(f"{_one_line(path)}: {self.reason}")

    @property
    def reason(self) -> str:
        """The text without the path."""
        text = f"{shown(self.value)} {self.rule}"
        return f"{text}; {self.hint}" if self.hint else text

    def hidden(self) -> DeclarationError:
        """The same without the value and without hints that are near to it, for a value that is secret."""
        return DeclarationError(self.path, HIDDEN, self.rule)


class ConfigurationError(AirbyteError):
    """The settings of the server are missing or contradict each other."""


class CatalogError(AirbyteError):
    """A catalog that the server refuses.

    Args:
        message: what is wrong, for users.
        code: the one-word reason, for example ``cursor-deselected``.
    """

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        super().__init__(message)


class PlanError(AirbyteError):
    """A plan that is not carried out.

    Attributes:
        obstacle: what stands in the way, as the plan tells it; ``None`` where no plan can.
    """

    obstacle: object = None


class BlockedError(PlanError):
    """A plan that needs an explicit approval, or that something stands in the way of."""


class DriftedError(PlanError):
    """The live connection is not what the plan was made for."""


class JobError(PlanError):
    """A job that was waited for failed, was cancelled, or did not end in time."""


class ApiError(AirbyteError):
    """An exchange with the server that failed.

    Args:
        message: what happened and what to do.
        operation: the endpoint, for example ``web_backend/connections/get``.
        applied: whether the server may have carried out the request: ``False`` only where that is certain.
    """

    def __init__(self, message: str, *, operation: str = "", applied: bool = True) -> None:
        self.operation = operation
        self.applied = applied
        super().__init__(message)


class UnreachableError(ApiError):
    """The server gave no answer."""


class NotAskedError(UnreachableError):
    """The server did not answer earlier calls of this process, so it was not asked again so soon."""


class AnswerError(ApiError):
    """The server's answer is not what its API promises."""


class UnsupportedError(ApiError):
    """The server's version does not have what was asked for; the text names the versions that have it."""


class StatusError(ApiError):
    """The server answered with an error status.

    Args:
        message: what happened and what to do.
        operation: the endpoint.
        status: the HTTP status.
        detail: the server's own words, if it gave any.
        retry_after: the seconds after which the server wants to be asked again, if it said so.
    """

    def __init__(
        self, message: str, *, operation: str, status: int, detail: str = "", retry_after: float | None = None
    ) -> None:
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        super().__init__(message, operation=operation, applied=status >= 500)


class AuthenticationError(StatusError):
    """401: no valid credentials."""


class ForbiddenError(StatusError):
    """403: the credentials do not allow this."""


class NotFoundError(StatusError):
    """404 in Airbyte's own words: the server does not know an id."""


class NoEndpointError(StatusError):
    """404 in the words of Airbyte's framework: the server does not have a path."""


class ConflictError(StatusError):
    """409 or 423: the server is busy with the same thing, or its database refused."""


class InvalidRequestError(StatusError):
    """400, 413 or 422: the server refuses what was sent."""


class ServerError(StatusError):
    """5xx or 429: the server failed; whether it did the work is not known."""


class _Hidden:
    def __str__(self) -> str:
        return "[secret]"


HIDDEN = _Hidden()
"""Stands in messages for a value that is secret."""


def shown(value: object, limit: int = 80) -> str:
    """A value as a message shows it: quoted, on one line, shortened."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # the engine hands every number over as a float
    text = repr(value) if isinstance(value, str) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _one_line(path: str) -> str:
    """A path, which may hold any name of a stream, as a message shows it."""
    text = path if path.isprintable() else repr(path)[1:-1]
    return text if len(text) <= _LONGEST_PATH else f"{text[: _LONGEST_PATH - 1]}…"


def nearest(word: str, choices: Iterable[str]) -> str:
    """A hint such as ``did you mean 'cursor'?``, or the empty string where nothing is near."""

    def likeness(choice: str) -> float:
        return difflib.SequenceMatcher(None, word.casefold(), choice.casefold()).ratio()

    ranked = sorted(((likeness(str(choice)), str(choice)) for choice in choices), key=lambda pair: (-pair[0], pair[1]))
    near = [choice for ratio, choice in ranked if ratio >= max(0.6, ranked[0][0] - 0.05)][:3]
    return f"did you mean {' or '.join(repr(choice) for choice in near)}?" if near else ""
