"""What the engine does with resources, over the gRPC of a provider process of its own for each run."""

from __future__ import annotations

import contextlib
import copy
import os
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_airbyte_wb.plan import planned_of
from pulumi_airbyte_wb.providers.connection import ConnectionProvider
from pulumi_airbyte_wb.providers.reference import reference
from tools.faults.process_pool import ProcessPool

Values = dict[str, Any]
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


@dataclass
class Resource:
    """One resource of a program, with its state.

    Attributes:
        name: the name of the Pulumi resource.
        provider: its provider class.
        id: its id in state; empty before the first ``up``.
        inputs: its inputs in state.
        outputs: its outputs in state.
    """

    name: str
    provider: type[ResourceProvider] = ConnectionProvider
    id: str = ""
    inputs: Values = field(default_factory=dict)
    outputs: Values = field(default_factory=dict)

    def copy(self) -> Resource:
        """The same, to be changed apart."""
        return copy.deepcopy(self)

    @property
    def urn(self) -> str:
        """As the engine names it."""
        return f"urn:pulumi:dev::p::pulumi-python:dynamic/airbyte:{self.provider.__name__}::{self.name}"


class Run:
    """One run of the engine: one provider process."""

    def __init__(self, pool: ProcessPool, config: str | Mapping[str, str], **how: Any) -> None:
        self.pid, address = pool.provider(**how)
        self._channel = grpc.insecure_channel(address, options=_GRPC_CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.announced: Effects = set()
        settings = {"airbyte-wb:url": config} if isinstance(config, str) else dict(config)
        self._call("Configure", provider_pb2.ConfigureRequest(args=_struct(settings)))

    def kill(self) -> None:
        """SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process."""
        self.kill()
        self._channel.close()

    def up(self, resource: Resource, declared: Values) -> None:
        """Check, diff, and create, update, replace or nothing.

        Raises:
            StepError: a step failed; the state is as it was.
        """
        checked = self._check(resource, declared, resource.inputs)
        if not resource.id:
            self._create(resource, checked)
            return
        diff = self._diff(resource, checked)
        if diff.replaces:
            checked = self._check(resource, declared, {})
            self.destroy(resource)
            self._create(resource, checked)
        elif diff.changes == provider_pb2.DiffResponse.DIFF_SOME:
            request = provider_pb2.UpdateRequest(
                id=resource.id, urn=resource.urn, olds=self._outputs(resource), news=_struct(checked)
            )
            answer = self._call("Update", request)
            resource.outputs, resource.inputs = _plain(answer.properties), checked
        else:
            resource.inputs = checked

    def changes(self, resource: Resource, declared: Values) -> bool:
        """Whether a preview would show anything."""
        checked = self._check(resource, declared, resource.inputs)
        some = provider_pb2.DiffResponse.DIFF_SOME
        return not resource.id or bool(self._diff(resource, checked).changes == some)

    def refresh(self, resource: Resource) -> None:
        """Read; a resource that is gone leaves the state."""
        if not resource.id:
            return
        request = provider_pb2.ReadRequest(
            id=resource.id, urn=resource.urn, properties=self._outputs(resource), inputs=_struct(resource.inputs)
        )
        answer = self._call("Read", request)
        if answer.id:
            resource.outputs, resource.inputs = _plain(answer.properties), _plain(answer.inputs)
        else:
            resource.id, resource.inputs, resource.outputs = "", {}, {}

    def destroy(self, resource: Resource) -> None:
        """Delete."""
        if resource.id:
            request = provider_pb2.DeleteRequest(id=resource.id, urn=resource.urn, properties=self._outputs(resource))
            self._call("Delete", request)
        resource.id, resource.inputs, resource.outputs = "", {}, {}

    def _create(self, resource: Resource, checked: Values) -> None:
        answer = self._call("Create", provider_pb2.CreateRequest(urn=resource.urn, properties=_struct(checked)))
        resource.id, resource.outputs, resource.inputs = answer.id, _plain(answer.properties), checked

    def _check(self, resource: Resource, declared: Values, olds: Values) -> Values:
        news = {**declared, "resource_urn": resource.urn, "__provider": reference(resource.provider)}
        request = provider_pb2.CheckRequest(urn=resource.urn, olds=_struct(olds), news=_struct(news))
        answer = self._call("Check", request)
        if answer.failures:
            raise StepError("; ".join(failure.reason for failure in answer.failures))
        checked = _plain(answer.inputs)
        plan = planned_of(checked)
        if not plan.is_blocked:
            self.announced |= {(stream.key, action.word) for stream, action in plan.actions().items()}
        return checked

    def _diff(self, resource: Resource, checked: Values) -> Any:
        request = provider_pb2.DiffRequest(
            id=resource.id, urn=resource.urn, olds=self._outputs(resource), news=_struct(checked)
        )
        return self._call("Diff", request)

    def _outputs(self, resource: Resource) -> struct_pb2.Struct:
        return _struct({**resource.outputs, "__provider": reference(resource.provider)})

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=PATIENCE)
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                raise KilledError from None
            raise StepError(error.details()) from None


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
