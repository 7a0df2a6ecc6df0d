"""What the server answers when it refuses or breaks: body shapes by version (semantics §11.1)."""

import uuid
from abc import ABC, abstractmethod

from pulumi_airbyte_wb.emulator.core.store import Doc
from pulumi_airbyte_wb.emulator.core.versions import Rules

_JAVA = "io.airbyte.commons.server.errors"
_REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
_REASONS |= {413: "Request Entity Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests"}


class ApiError(Exception, ABC):
    """A request that ends with an error answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @abstractmethod
    def body(self, rules: Rules, path: str) -> Doc:
        """The answer's body on this version."""


class KnownError(ApiError):
    """A KnownException: shapes K1 to K3."""

    def __init__(self, status: int, message: str, exception: str) -> None:
        super().__init__(status, message)
        self.exception = exception

    def body(self, rules: Rules, path: str) -> Doc:  # noqa: ARG002 - the shape is the same on all
        """The answer's body on this version."""
        if rules.has("errors.idOnly"):
            return {"message": self.message, "errorId": str(uuid.uuid4())}
        body: Doc = {"message": self.message, "exceptionClassName": f"{_JAVA}.{self.exception}"}
        if rules.has("errors.stack"):
            body["exceptionStack"] = [f"{_JAVA}.{self.exception}: {self.message}", "\tat emulator"]
        return body


class NotFoundError(KnownError):
    """An unknown id."""

    def __init__(self, kind: str, doc_id: str) -> None:
        super().__init__(404, f"Could not find configuration for {kind}: {doc_id}.", "IdNotFoundKnownException")

    def body(self, rules: Rules, path: str) -> Doc:
        """The answer's body on this version."""
        if rules.has("errors.idOnly"):
            return {"errorId": str(uuid.uuid4())}
        body = super().body(rules, path)
        if rules.has("errors.prefixed404"):
            body["message"] = f"Internal Server Error: {body['message']}"
        return body


class InternalError(KnownError):
    """An exception of the server that was not caught: 500."""

    def __init__(self, message: str, exception: str = "java.lang.IllegalArgumentException") -> None:
        super().__init__(500, message, exception)

    def body(self, rules: Rules, path: str) -> Doc:
        """The answer's body on this version."""
        if rules.has("errors.idOnly"):
            return {"errorId": str(uuid.uuid4())}
        body = super().body(rules, path)
        body["message"] = f"Internal Server Error: {self.message}"
        body["exceptionClassName"] = self.exception
        return body


class ProblemError(ApiError):
    """A problem document: shape P."""

    def __init__(self, kind: str, title: str, detail: str, data: Doc | None = None, status: int = 400) -> None:
        super().__init__(status, detail)
        self.kind, self.title, self.data = kind, title, data

    def body(self, rules: Rules, path: str) -> Doc:  # noqa: ARG002 - the shape is the same on all
        """The answer's body."""
        body: Doc = {"status": self.status, "type": self.kind, "title": self.title, "detail": self.message}
        if self.data is not None:
            body["data"] = self.data
        return body


class FrameworkError(ApiError):
    """What Micronaut answers by itself: shape M."""

    def body(self, rules: Rules, path: str) -> Doc:  # noqa: ARG002 - the shape is the same on all
        """The answer's body."""
        return {
            "message": _REASONS.get(self.status, "Bad Request"),
            "_links": {"self": {"href": path, "templated": False}},
            "_embedded": {"errors": [{"message": self.message}]},
        }


def invalid(message: str) -> KnownError:
    """A JsonValidationException: 422 (§11.1)."""
    text = f"The provided configuration does not fulfill the specification. Errors: {message}"
    return KnownError(422, text, "InvalidJsonInputException")


def null_pointer(what: str) -> InternalError:
    """A missing value that the server reads without looking (§11.2)."""
    return InternalError(f'Cannot invoke "Object" because "{what}" is null', "java.lang.NullPointerException")


def database(message: str, rules: Rules) -> KnownError:
    """An error of the database (§1.3, §11.3)."""
    if rules.has("errors.databaseConflict"):
        return KnownError(409, f"Failed to access database. {message}", "ConflictException")
    return InternalError(message, "org.jooq.exception.DataAccessException")
