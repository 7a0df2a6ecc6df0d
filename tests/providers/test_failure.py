"""A step that fails answers the engine with its sentence alone, under the dynamic server of every Pulumi SDK."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2

from pulumi_airbyte_wb.errors import AirbyteError, ConflictError
from pulumi_airbyte_wb.providers.advice import advised

Handler = Callable[[Any, Any], Any]


class Provider:
    """A provider whose update fails."""

    error: Exception = AirbyteError("the connection is busy; wait for it")

    @advised
    def update(self) -> None:
        raise self.error


def plain(provider: Provider) -> Handler:
    """The handler of an SDK up to 3.259."""

    def handle(request: Any, context: Any) -> Any:
        provider.update()
        return empty_pb2.Empty()

    return handle


def wrapped(provider: Provider) -> Handler:
    """The handler of an SDK from 3.260 on."""
    inner = plain(provider)

    def handle(request: Any, context: Any) -> Any:
        try:
            return inner(request, context)
        except Exception:  # noqa: BLE001 - as in the SDK
            context.abort(grpc.StatusCode.UNKNOWN, traceback.format_exc())

    return handle


@contextmanager
def serving(handle: Handler) -> Iterator[Callable[[], str]]:
    """A gRPC server with one call, and the text of the error that a call of it meets."""
    method = grpc.unary_unary_rpc_method_handler(
        handle, request_deserializer=empty_pb2.Empty.FromString, response_serializer=empty_pb2.Empty.SerializeToString
    )
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test", {"Update": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            update = channel.unary_unary(
                "/test/Update",
                request_serializer=empty_pb2.Empty.SerializeToString,
                response_deserializer=empty_pb2.Empty.FromString,
            )

            def call() -> str:
                with pytest.raises(grpc.RpcError) as caught:
                    update(empty_pb2.Empty(), timeout=30)
                assert caught.value.code() == grpc.StatusCode.UNKNOWN
                return str(caught.value.details())

            yield call
    finally:
        server.stop(0)


@pytest.mark.parametrize("handler", [plain, wrapped])
def test_the_sentence_alone(handler: Callable[[Provider], Handler]) -> None:
    with serving(handler(Provider())) as call:
        assert [call(), call()] == ["the connection is busy; wait for it"] * 2


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    provider = Provider()
    provider.error = KeyError("surprise")
    with serving(wrapped(provider)) as call:
        assert "KeyError: 'surprise'" in call()


def test_a_server_of_another_shape_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the call cannot be ended here, the user sees what Pulumi makes of the error, and the sentence in it."""
    monkeypatch.setattr("grpc._server._Context.__setattr__", _refuse)
    with serving(plain(Provider())) as call:
        assert call() == "Exception calling application: the connection is busy; wait for it"


def _refuse(context: Any, name: str, value: Any) -> None:
    if name == "abort":
        raise AttributeError(name)
    object.__setattr__(context, name, value)


def test_outside_of_a_call_the_error_is_raised_with_its_advice() -> None:
    provider = Provider()
    provider.error = ConflictError("busy", operation="web_backend/connections/update", status=409)
    with pytest.raises(ConflictError, match="busy; wait until the server is done"):
        provider.update()
