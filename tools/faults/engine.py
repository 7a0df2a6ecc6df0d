"""The engine's calls over the gRPC of a provider process, one for each run."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_airbyte_wb.plan import planned_of
from pulumi_airbyte_wb.providers.reference import reference
from tools import engine
from tools.engine import Diff, Resource, Values
from tools.faults.process_pool import ProcessPool

Effects = set[tuple[str, str]]
PATIENCE = 40
WAYS_OUT = (
    r"run `pulumi|run the same command|\bcheck |is a proxy|say |see |open |set |declare |replace the |try again"
    r"|; choose: |to let it through: "
    r"|is .* the API of"
)


class StepError(Exception):
    """A step failed; the text is what the engine prints."""


class KilledError(Exception):
    """The provider process was gone."""


@dataclass(frozen=True)
class IdOf:
    """Stands in a declaration for the id of another resource of the program."""

    name: str


class _Calls:
    """The calls over gRPC; what the engine would print for a failed one is raised as ``StepError``."""

    def __init__(self, address: str, config: Values) -> None:
        self.channel = grpc.insecure_channel(address, options=_GRPC_CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.planned: Effects = set()
        self._call("Configure", provider_pb2.ConfigureRequest(args=_struct(config)))

    def check(self, resource: Resource, olds: Values, news: Values) -> tuple[Values, list[str]]:
        """The checked inputs."""
        news = {**news, "__provider": reference(resource.provider)}
        request = provider_pb2.CheckRequest(urn=resource.urn, olds=_struct(olds), news=_struct(news))
        answer = self._call("Check", request)
        if answer.failures:
            raise StepError("; ".join(failure.reason for failure in answer.failures))
        checked = _plain(answer.inputs)
        plan = planned_of(checked)
        if not plan.is_blocked:
            self.planned |= {(stream.key, action.word) for stream, action in plan.actions().items()}
        return checked, []

    def diff(self, resource: Resource, news: Values) -> Diff:
        """What is different from the state."""
        request = provider_pb2.DiffRequest(
            id=resource.id, urn=resource.urn, olds=self._outputs(resource), news=_struct(news)
        )
        answer = self._call("Diff", request)
        some = answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return Diff(some, bool(answer.replaces), answer.deleteBeforeReplace)

    def create(self, resource: Resource, news: Values) -> tuple[str, Values]:
        """The id and the outputs of what was created."""
        answer = self._call("Create", provider_pb2.CreateRequest(urn=resource.urn, properties=_struct(news)))
        return answer.id, _plain(answer.properties)

    def update(self, resource: Resource, news: Values) -> Values:
        """The outputs after an update."""
        request = provider_pb2.UpdateRequest(
            id=resource.id, urn=resource.urn, olds=self._outputs(resource), news=_struct(news)
        )
        return _plain(self._call("Update", request).properties)

    def read(self, resource: Resource) -> tuple[str, Values, Values]:
        """The id, empty where it is gone, the outputs and the inputs, as they are live."""
        request = provider_pb2.ReadRequest(
            id=resource.id, urn=resource.urn, properties=self._outputs(resource), inputs=_struct(resource.inputs)
        )
        answer = self._call("Read", request)
        return answer.id, _plain(answer.properties), _plain(answer.inputs)

    def delete(self, resource: Resource) -> None:
        """Delete what is in state."""
        request = provider_pb2.DeleteRequest(id=resource.id, urn=resource.urn, properties=self._outputs(resource))
        self._call("Delete", request)

    def _outputs(self, resource: Resource) -> struct_pb2.Struct:
        return _struct({**resource.outputs, "__provider": reference(resource.provider)})

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=PATIENCE)
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                raise KilledError from None
            raise StepError(error.details()) from None


class Run(engine.Run):
    """One run of the engine: one provider process."""

    def __init__(self, pool: ProcessPool, config: str | Mapping[str, str], **how: Any) -> None:
        self.pid, address = pool.provider(**how)
        self._grpc = _Calls(address, {"airbyte-wb:url": config} if isinstance(config, str) else dict(config))
        super().__init__(self._grpc)

    @property
    def planned(self) -> Effects:
        """What the plans of this run were to do, but for blocked ones."""
        return self._grpc.planned

    def kill(self) -> None:
        """SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process."""
        self.kill()
        self._grpc.channel.close()


@contextlib.contextmanager
def run(pool: ProcessPool, config: str | Mapping[str, str], **how: Any) -> Iterator[Run]:
    """A run that ends its process, with the stack's config, or with the server's address alone."""
    started = Run(pool, config, **how)
    try:
        yield started
    finally:
        started.close()


def says_what_to_do(text: str) -> str:
    """What is wrong with an error's text; empty where it is a sentence that says what happened and what to do."""
    if not text or "Traceback" in text or 'File "' in text or re.match(r"^\w*(Error|Exception)\b", text):
        return "is no sentence"
    if re.search(WAYS_OUT, text):
        return ""
    return "does not say what to do"


def _struct(values: Values) -> struct_pb2.Struct:
    return json_format.ParseDict({key: value for key, value in values.items() if value is not None},
                                 struct_pb2.Struct())  # fmt: skip


def _plain(struct: struct_pb2.Struct) -> Values:
    return dict(json_format.MessageToDict(struct))
