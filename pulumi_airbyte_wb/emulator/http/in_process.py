"""Calling the API without a socket: an httpx transport for fast tests."""

import httpx

from pulumi_airbyte_wb.emulator.core.api_request import ApiRequest
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.http.api import exchange
from pulumi_airbyte_wb.emulator.http.faults import CutConnection, HalfAnswer, take_fault
from pulumi_airbyte_wb.emulator.http.request_log import RequestLog

_PREFIX = "/api/v1/"


class InProcessTransport(httpx.BaseTransport):
    """Answers requests under ``/api/v1/`` in the caller's thread; delays are not waited for."""

    def __init__(self, airbyte: Airbyte, log: RequestLog) -> None:
        self._airbyte = airbyte
        self._log = log

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, or break it as a fault wants."""
        if not request.url.path.startswith(_PREFIX):
            return httpx.Response(404, text="only /api/v1/ is served in process")
        path = request.url.path.removeprefix(_PREFIX)
        asked = ApiRequest(path, request.method, dict(request.headers), request.read())
        fault = take_fault(self._airbyte, path, asked.body)
        if fault is not None and fault.kind == "refuse":
            raise httpx.ConnectError("a fault of the emulator: refused", request=request)
        response = exchange(self._airbyte, self._log, asked, fault)
        if isinstance(response, CutConnection):
            raise httpx.RemoteProtocolError("a fault of the emulator: cut", request=request)
        if isinstance(response, HalfAnswer):
            raise httpx.RemoteProtocolError("a fault of the emulator: half an answer", request=request)
        return httpx.Response(response.status_code, headers=dict(response.headers), content=bytes(response.body))
