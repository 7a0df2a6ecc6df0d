"""The emulator in the foreground, for the command line."""

import signal
from collections.abc import Callable, Sequence

from pulumi_airbyte_wb.emulator.app import build_app
from pulumi_airbyte_wb.emulator.control.control import Control
from pulumi_airbyte_wb.emulator.core.server import Airbyte
from pulumi_airbyte_wb.emulator.http.request_log import RequestLog
from pulumi_airbyte_wb.emulator.http.web_server import bound_socket, exposed, is_loopback, make_server, url_of


def serve(
    airbyte: Airbyte,
    host: str,
    port: int,
    *,
    say: Callable[[str], object],
    warn: Callable[[str], object],
    hosts: Sequence[str] = (),
) -> None:
    """Serve until Ctrl-C or SIGTERM; says where once it accepts connections, and warns where others reach it."""
    listener = bound_socket(host, port)

    def ready() -> None:
        if not is_loopback(listener):
            warn(exposed(host, airbyte.login.mode))
        say(f"listening on {url_of(listener)}")

    server = make_server(build_app(Control(airbyte, RequestLog()), [host, *hosts]), ready)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()
        airbyte.store.close()
