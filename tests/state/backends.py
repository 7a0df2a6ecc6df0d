"""Where the engine can keep state besides a folder: a PostgreSQL server, a bucket."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

Backend = Callable[[], AbstractContextManager[Mapping[str, str]]]


@contextmanager
def bucket() -> Iterator[Mapping[str, str]]:
    """A bucket of an S3 server in this process."""
    server = pytest.importorskip("moto.server", reason="moto is not installed: no S3 server")
    serving = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    serving.start()
    try:
        host, port = serving.get_host_and_port()
        httpx.put(f"http://{host}:{port}/state").raise_for_status()
        yield {
            "PULUMI_BACKEND_URL": f"s3://state?region=us-east-1&endpoint=http://{host}:{port}&s3ForcePathStyle=true",
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        serving.stop()


@contextmanager
def postgresql() -> Iterator[Mapping[str, str]]:
    """A PostgreSQL server of its own, in a folder that goes with it."""
    programs = _postgresql()
    if programs is None:
        pytest.skip("no PostgreSQL server here: initdb and postgres are neither on PATH nor under /usr/lib/postgresql")
    # It refuses to run as root, and must be able to reach its folder as another user.
    user = "postgres" if os.getuid() == 0 else None
    root = Path(tempfile.mkdtemp(prefix="awb-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        if user:
            shutil.chown(root, user)
        data = root / "data"
        made = [str(programs / "initdb"), "-D", str(data), "-U", "pulumi", "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(made, user=user, cwd=root, check=True, capture_output=True, timeout=120)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(root), "-p", str(port), "-F"]
        command += ["-c", "listen_addresses=127.0.0.1"]
        server = subprocess.Popen(command, user=user, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait(programs, port, server)
        yield {"PULUMI_BACKEND_URL": f"postgres://pulumi@127.0.0.1:{port}/postgres?sslmode=disable"}
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)
            server.wait(30)
        shutil.rmtree(root, ignore_errors=True)


BACKENDS: dict[str, Backend] = {"PostgreSQL": postgresql, "S3": bucket}


def _postgresql() -> Path | None:
    """The folder of the server's programs."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in folders if (each / "initdb").exists() and (each / "postgres").exists()), None)


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    ready = [str(programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    for _ in range(300):
        assert server.poll() is None, "PostgreSQL ended"
        if subprocess.run(ready, check=False, timeout=10).returncode == 0:
            return
        time.sleep(0.1)
    pytest.fail("PostgreSQL did not start within 30 s")
