"""One emulator process and its side door, over HTTP: it may be killed, and comes back with all that it had."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from pulumi_airbyte_wb.emulator.core.login import kept_login
from pulumi_airbyte_wb.emulator.core.world import Auth
from tools.faults.kinds import ALL_WRITES, Late, Login
from tools.faults.process_pool import ProcessPool

_CONFIGS: dict[Login, dict[str, str]] = {
    "": {},
    "bearer": {"airbyte-wb:token": Auth().token},
    "client-credentials": {
        "airbyte-wb:clientId": Auth().client_id,
        "airbyte-wb:clientSecret": Auth().client_secret,
    },
}


_FORMS: dict[Login, dict[str, str]] = {
    "": {},
    "bearer": {"secret": Auth().token},
    "client-credentials": {"name": Auth().client_id, "secret": Auth().client_secret},
}


class Server:
    """An emulator.

    Args:
        pool: what starts it.
        folder: where its data file is; in memory without one.
        version: of which server.
    """

    def __init__(self, pool: ProcessPool, version: str, folder: Path | None = None) -> None:
        self._pool, self._version = pool, version
        self._data = None if folder is None else str(folder / f"airbyte-{version}.sqlite")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self._port}"
        self.config = {"airbyte-wb:url": self.url}
        self._http = httpx.Client(base_url=f"{self.url}/_emulator", timeout=20)
        self._pid = 0
        self._login: Login = ""
        self.start()

    def start(self) -> None:
        """Start it, again after it died."""
        self._pid = self._pool.emulator(self._port, self._version, self._data)
        self._call("POST", "/clock", {"speed": 10_000})
        self._call("PUT", "/shuffle?on=true")

    def start_if_dead(self) -> bool:
        """Start it if it died; answers whether it had."""
        with contextlib.suppress(httpx.TransportError):
            self._http.get("/faults")
            return False
        self.start()
        return True

    def stop(self) -> None:
        """Kill it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._http.close()

    def load(self, world: dict[str, Any]) -> None:
        """Start over with a world."""
        self._call("PUT", "/world", world)
        self.config, self._login = {"airbyte-wb:url": self.url}, ""
        self._call("POST", "/clock", {"speed": 10_000})
        self._call("PUT", "/shuffle?on=true")

    def snapshot(self) -> str:
        """Everything, as one text."""
        return self._call("GET", "/snapshot").text

    def restore(self, snapshot: str, login: Login = "") -> None:
        """Go back to a snapshot, without faults and with an empty request log; from then on ask for a login."""
        self.config = {"airbyte-wb:url": self.url, **_CONFIGS[login]}
        self._call("PUT", "/snapshot", _secured(snapshot, login) if login else snapshot)
        self._login = login
        self._call("DELETE", "/faults")
        self._call("DELETE", "/requests")

    def docs(self) -> dict[str, dict[str, Any]]:
        """Everything that the server keeps, by kind and id."""
        docs: dict[str, dict[str, Any]] = json.loads(self.snapshot())
        return docs

    def requests(self) -> list[dict[str, Any]]:
        """The requests since the log was emptied."""
        return list(self._call("GET", "/requests").json()["requests"])

    def forget_requests(self) -> None:
        """Empty the log."""
        self._call("DELETE", "/requests")

    def add_fault(self, **fault: Any) -> None:
        """Let a request fail."""
        self._call("POST", "/faults", fault)

    def clear_faults(self) -> None:
        """Let no more request fail."""
        self._call("DELETE", "/faults")

    def carry_out_late(self, when: Late) -> None:
        """When to carry out the requests that a fault keeps, at once if never; the one that it keeps counts too."""
        orders = {"overtaken": {"after": 2}, "after a read": {"after": 1}, "before a write": {"before": ALL_WRITES}}
        self._call("POST", "/faults/late", orders.get(when, {}))

    def waiting(self) -> int:
        """How many faults are yet to strike."""
        return int(self._call("GET", "/faults").json()["faults"])

    def sync(self, connection_id: str) -> None:
        """Run a sync to its end."""
        self._call("POST", f"/connections/{connection_id}/sync")

    def finish_jobs(self) -> None:
        """Let every job end."""
        self._call("POST", "/jobs/finish")

    def tables(self) -> dict[str, list[str]]:
        """The rows of every destination's tables, without what differs from run to run."""
        found = {}
        for doc in self.docs()["destination"].values():
            for name, rows in self._call("GET", f"/destinations/{doc['destinationId']}/tables").json().items():
                own = [{key: value for key, value in row.items() if not key.startswith("_airbyte")} for row in rows]
                found[f"{doc['name']}/{name}"] = sorted(json.dumps(row, sort_keys=True) for row in own)
        return found

    def api(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call of another tool."""
        answer = httpx.post(f"{self.url}/api/v1/{path}", json=body, timeout=20)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def wait_until_struck(self, faults: int, patience: float = 10) -> None:
        """Wait until no more than so many faults are yet to strike."""
        for _ in _ticks(patience):
            if self.waiting() <= faults:
                return

    def wait_until_held(self, patience: float = 10) -> None:
        """Wait until a request was carried out whose answer a fault keeps back."""
        for _ in _ticks(patience):
            if any(request["fault"] for request in self.requests()):
                return

    def _call(self, method: str, path: str, body: object = None) -> httpx.Response:
        text = body if isinstance(body, str) else None if body is None else json.dumps(body)
        answer = self._ask(method, path, text)
        if answer.status_code == 401:
            # The page's session, as a fault may end every token; it ends with the process that it is in.
            self._http.post(f"{self.url}/login", data=_FORMS[self._login])
            answer = self._ask(method, path, text)
        answer.raise_for_status()
        return answer

    def _ask(self, method: str, path: str, text: str | None) -> httpx.Response:
        return self._http.request(method, path, content=text, headers={"content-type": "application/json"})


def _secured(snapshot: str, login: Login) -> str:
    docs = json.loads(snapshot)
    # Virtual time flies, and a token is to end by a fault alone.
    docs["setting"]["server"]["login"] = kept_login(Auth(mode=login, token_lifetime=1e9))
    return json.dumps(docs)


def _ticks(patience: float) -> Iterator[None]:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        yield
        time.sleep(0.005)
