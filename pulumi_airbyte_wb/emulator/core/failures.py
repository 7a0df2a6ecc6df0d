"""What the server answers when it refuses or breaks: body shapes by version (semantics §11.1, real-server.md)."""

import uuid
from abc import ABC, abstractmethod
from typing import Any

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_JAVA = "io.airbyte.commons.server.errors"
_REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
_REASONS |= {413: "Request Entity Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests"}
_REASONS |= {500: "Internal Server Error"}


class ApiError(Exception, ABC):
    """A request that ends with an error answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @abstractmethod
    def body(self, rules: Rules, path: str) -> Any:
        """The answer's body on this version: JSON."""


class KnownError(ApiError):
    """A KnownException: shapes K1 to K3.

    ``caused`` tells one that wraps another exception: versions that show stacks show that one's too.
    """

    def __init__(self, status: int, message: str, exception: str, *, caused: bool = False) -> None:
        super().__init__(status, message)
        self.exception = exception if "." in exception else f"{_JAVA}.{exception}"
        self.caused = caused

    def body(self, rules: Rules, path: str) -> Doc:  # noqa: ARG002 - the shape is the same on all
        """The answer's body on this version."""
        if rules.has("errors.idOnly"):
            return {"message": self.message, "errorId": str(uuid.uuid4())}
        body: Doc = {"message": self.message, "exceptionClassName": self.exception}
        if rules.has("errors.stack"):
            stack = [f"{self.exception}: {self.message}", "\tat emulator"]
            body["exceptionStack"] = stack
            if self.caused:
                body |= {"rootCauseExceptionClassName": "java.lang.Class", "rootCauseExceptionStack": stack}
        return body


class _InternalTextError(KnownError):
    """An exception whose message the server puts behind a fixed beginning; v2.0.0 gives an id alone."""

    def body(self, rules: Rules, path: str) -> Doc:
        """The answer's body on this version."""
        if rules.has("errors.idOnly"):
            return {"errorId": str(uuid.uuid4())}
        body = super().body(rules, path)
        body["message"] = f"Internal Server Error: {self.message}"
        return body


class NotFoundError(_InternalTextError):
    """An unknown id."""

    def __init__(self, kind: str, doc_id: str) -> None:
        text = f"Could not find configuration for {kind}: {doc_id}."
        super().__init__(404, text, "IdNotFoundKnownException", caused=True)


class InternalError(_InternalTextError):
    """An exception of the server that was not caught: 500."""

    def __init__(
        self, message: str, exception: str = "java.lang.IllegalArgumentException", *, caused: bool = False
    ) -> None:
        super().__init__(500, message, exception, caused=caused)


class ProblemError(ApiError):
    """A problem document: shape P."""

    def __init__(self, kind: str, title: str, detail: str, data: Doc | None = None, status: int = 400) -> None:
        super().__init__(status, detail)
        self.kind, self.title, self.data = kind, title, data

    def body(self, rules: Rules, path: str) -> Doc:  # noqa: ARG002 - the shape is the same on all
        """The answer's body: here nulls are sent."""
        return {
            "status": self.status,
            "type": self.kind,
            "title": self.title,
            "detail": self.message,
            "documentationUrl": None,
            "data": self.data,
        }


class FrameworkError(ApiError):
    """What Micronaut answers by itself: shape M; ``argument`` is the request body that could not be bound."""

    def __init__(self, status: int, message: str, *, reason: str | None = None, argument: str | None = None) -> None:
        super().__init__(status, message)
        self.reason = _REASONS.get(status, "Bad Request") if reason is None else reason
        self.argument = argument

    def body(self, rules: Rules, path: str) -> Doc:
        """The answer's body."""
        error: Doc = {"message": self.message}
        if self.argument is not None:
            error["path"] = f"/{self.argument}"
        if rules.has("json.micronaut4"):
            error |= {"_links": {}, "_embedded": {}}
        return {
            "message": self.reason,
            "_links": {"self": {"href": path, "templated": False}},
            "_embedded": {"errors": [error]},
        }


class NoSuchPathError(ApiError):
    """A path that the server does not have: its answer says that it is JSON, and is none."""

    def __init__(self) -> None:
        super().__init__(404, "Object not found.")

    def body(self, rules: Rules, path: str) -> str:  # noqa: ARG002 - the same on all
        """The answer's text."""
        return self.message


def invalid(message: str) -> KnownError:
    """A JsonValidationException: 422 (§11.1)."""
    text = f"The provided configuration does not fulfill the specification. Errors: {message}"
    return KnownError(422, text, "BadObjectSchemaKnownException", caused=True)


def null_pointer(message: str = "null") -> InternalError:
    """A missing value that the server reads without looking (§11.2)."""
    return InternalError(message, "java.lang.NullPointerException")


def returned_null(call: str, value: str) -> InternalError:
    """A missing value as Java tells it: ``call`` was made on what ``value`` returned."""
    return null_pointer(f'Cannot invoke "{call}" because {value} is null')


def database(message: str, rules: Rules) -> KnownError:
    """An error of the database (§1.3, §11.3)."""
    if rules.has("errors.databaseConflict"):
        text = "Failed to access database. Check the server logs for more information"
        return KnownError(409, text, "ConflictException")
    return InternalError(f"SQL [{message}]", "org.jooq.exception.DataAccessException", caused=True)


def asked(body: Doc, name: str, rules: Rules) -> str:
    """The value of a property that Kotlin handlers need, and that Java ones took for one that nothing has (A16)."""
    return needed(body, name, rules) if rules.has("handlers.kotlin") else str(body.get(name) or "")


def needed(body: Doc, name: str, rules: Rules) -> str:
    """The value of a property that the server reads without looking; without it a 500 (real-server.md 4, A16)."""
    value = body.get(name)
    if value is None:
        getter = f"get{name[0].upper()}{name[1:]}(...) must not be null"
        raise null_pointer(getter if rules.has("handlers.kotlin") else "null")
    return str(value)
