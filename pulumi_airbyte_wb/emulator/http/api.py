"""The HTTP side of the API: routing, auth, binding, errors, the request log, faults (semantics §1.3, §11, §12)."""

import asyncio
import json
import logging
from typing import Any

from fastapi import FastAPI, Request, Response

from pulumi_airbyte_wb.emulator.catalog.diff import DuplicateStreamError
from pulumi_airbyte_wb.emulator.catalog.json_schema import SchemaNotAnObjectError
from pulumi_airbyte_wb.emulator.core.api_request import ApiRequest
from pulumi_airbyte_wb.emulator.core.failures import (
    ApiError,
    FrameworkError,
    InternalError,
    KnownError,
    NoSuchPathError,
    null_pointer,
)
from pulumi_airbyte_wb.emulator.core.fault import Fault
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.http import operations as _registered  # noqa: F401 - registers the operations
from pulumi_airbyte_wb.emulator.http.faults import faulty_answer, take_fault
from pulumi_airbyte_wb.emulator.http.registry import NO_CONTENT, OPERATIONS, Operation, unbound
from pulumi_airbyte_wb.emulator.http.request_log import RequestLog
from pulumi_airbyte_wb.emulator.http.shuffle import shuffled
from pulumi_airbyte_wb.emulator.http.tokens import admitted, expire_tokens
from pulumi_airbyte_wb.emulator.jobs.runner import tick

_log = logging.getLogger(__name__)

MAX_BODY = 10 * 1024 * 1024
_PROXY_PAGE = "<html><head><title>401 Authorization Required</title></head><body>nginx</body></html>"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ORDERED_LISTS = frozenset({"connections"})


def add_api(app: FastAPI, airbyte: Airbyte, log: RequestLog) -> None:
    """Serve the API under ``/api/v1/``."""

    @app.api_route("/api/v1/{path:path}", methods=_METHODS, include_in_schema=False)
    async def call(path: str, request: Request) -> Response:
        body = await request.body()
        fault = take_fault(airbyte, path, body)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        response = exchange(airbyte, log, ApiRequest(path, request.method, dict(request.headers), body), fault)
        if fault is not None and fault.hold:
            await asyncio.sleep(fault.hold)
        return response


def exchange(airbyte: Airbyte, log: RequestLog, request: ApiRequest, fault: Fault | None) -> Response:
    """One request and its answer, noted in the log; around it, what is carried out late."""
    with airbyte.lock:
        if airbyte.late.due_before(request.path):
            carry_out_late(airbyte)
    response = answer(airbyte, request, fault)
    log.add(airbyte, request, response, fault)
    with airbyte.lock:
        if airbyte.late.due_after():
            carry_out_late(airbyte)
    return response


def carry_out_late(airbyte: Airbyte) -> None:
    """Carry out the requests whose clients have given up."""
    with airbyte.lock:
        airbyte.late.release(lambda late: answer(airbyte, late))


def answer(airbyte: Airbyte, request: ApiRequest, fault: Fault | None = None) -> Response:
    """Answer one request; what it changed is durable before the answer leaves."""
    if fault is not None and not fault.applies:
        if fault.kind == "late":
            with airbyte.lock:
                airbyte.late.waiting.append(request)
        return faulty_answer(fault, None)
    with airbyte.lock:
        if fault is not None and fault.kind == "expire":
            expire_tokens(airbyte)
        airbyte.break_after = None if fault is None else fault.step
        try:
            tick(airbyte)
            response = _answer(airbyte, request.path, request.method, request.headers, request.body)
        finally:
            airbyte.break_after = None
            airbyte.keep_time()
            airbyte.store.commit()
    return response if fault is None else faulty_answer(fault, response)


def _answer(airbyte: Airbyte, path: str, method: str, headers: dict[str, str], body: bytes) -> Response:
    try:
        operation = _route(airbyte, path, method)
        if not operation.open and not admitted(airbyte, headers.get("authorization")):
            raise FrameworkError(401, "Unauthorized")
        request = operation.bind(_parsed(operation, body, headers, airbyte), airbyte.rules) if operation.shape else {}
        with airbyte.asked(path):
            result = operation.handler(airbyte, request)
    except ApiError as failure:
        return _failure(airbyte, path, failure)
    except DuplicateStreamError as problem:
        return _failure(airbyte, path, InternalError(f"Duplicate key {problem}", "java.lang.IllegalStateException"))
    except SchemaNotAnObjectError as problem:
        return _failure(airbyte, path, InternalError(f"json schema nodes should always be object nodes. {problem}"))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        return _failure(airbyte, path, _null_pointer(path, problem))
    if result is NO_CONTENT:
        return Response(status_code=204)
    if airbyte.settings["shuffle"]:
        keep = _ORDERED_LISTS if airbyte.rules.has("cursorPaging") and path.startswith("web_backend/") else frozenset()
        result = shuffled(result, airbyte.random, keep=keep)
    return _json(200, result)


def _null_pointer(path: str, problem: Exception) -> InternalError:
    """A value that is missing where the server, or the emulator, reads it without looking (§11.2)."""
    _log.info("%s met a missing value", path, exc_info=problem)
    return null_pointer(str(problem))


def _failure(airbyte: Airbyte, path: str, failure: ApiError) -> Response:
    if failure.status == 401 and airbyte.login.mode == "basic":
        # the proxy in front answers, not the server (§12)
        challenge = {"www-authenticate": 'Basic realm="Airbyte"'}
        return Response(_PROXY_PAGE, status_code=401, media_type="text/html", headers=challenge)
    content = failure.body(airbyte.rules, f"/api/v1/{path}")
    if isinstance(content, str):
        return Response(content, status_code=failure.status, media_type="application/json")
    return _json(failure.status, content)


def _route(airbyte: Airbyte, path: str, method: str) -> Operation:
    operation = OPERATIONS.get(path)
    if operation is None or not airbyte.rules.serves(path):
        raise NoSuchPathError
    if operation.method != method:
        if airbyte.rules.has("errors.wrongMethodBreaks"):
            built, wanted = (
                "org.jboss.resteasy.specimpl.BuiltResponse",
                "io.micronaut.jaxrs.common.JaxRsMutableResponse",
            )
            raise FrameworkError(500, f"Internal Server Error: class {built} cannot be cast to class {wanted}")
        allowed = "HEAD, GET" if operation.method == "GET" else operation.method
        raise FrameworkError(
            405, f"Method [{method}] not allowed for URI [/api/v1/{path}]. Allowed methods: [{allowed}]"
        )
    return operation


def _parsed(operation: Operation, body: bytes, headers: dict[str, str], airbyte: Airbyte) -> Any:
    if len(body) > MAX_BODY:
        raise FrameworkError(
            413, f"The content length [{len(body)}] exceeds the maximum allowed content length [{MAX_BODY}]"
        )
    content_type = headers.get("content-type")
    if body and content_type is not None and not content_type.startswith("application/json"):
        raise FrameworkError(415, f"Content Type [{content_type}] not allowed. Allowed types: [application/json]")
    if not body.strip() or (content_type is None and not airbyte.rules.has("json.micronaut4")):
        raise _no_body(operation, airbyte)
    try:
        parsed = json.loads(body)
    except ValueError as problem:
        if airbyte.rules.has("json.micronaut4"):
            raise FrameworkError(400, f"Invalid JSON: {problem}", reason="Invalid JSON") from None
        ended = problem.pos >= len(body.rstrip()) if isinstance(problem, json.JSONDecodeError) else False
        kind = "io.JsonEOFException" if ended else "JsonParseException"
        raise KnownError(422, f"Invalid json. {problem} {problem}", f"com.fasterxml.jackson.core.{kind}") from None
    if parsed is None:
        raise _no_body(operation, airbyte)
    return parsed


def _no_body(operation: Operation, airbyte: Airbyte) -> ApiError:
    """The answer to a missing body: Kotlin controllers break where Java's framework refused (real-server.md A16)."""
    if operation.shape is None:
        raise RuntimeError("unreachable: only operations with a body are asked for it")
    shape = operation.shape(airbyte.rules)
    if airbyte.rules.has("controllers.kotlin"):
        return null_pointer(f"Parameter specified as non-null is null: parameter {shape.argument}")
    return unbound(shape, airbyte.rules, "no content")


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body, separators=(",", ":")), status_code=status, media_type="application/json")
