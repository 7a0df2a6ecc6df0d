"""Names that are markup: shown as they are written, and never run (stored XSS)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.api import AirbyteClient, ServerSettings
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionCreate

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
RUN = "document.title='taken'"
PAYLOADS = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><svg onload="{RUN}">',
    f"'><iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"</td></tr></table></title><script>{RUN}</script>",
    f'<a href="javascript:{RUN}">',
    f"{{{{ ''.__class__.__mro__ }}}}<details open ontoggle={RUN}>",
    f"<style>@import 'x'</style><body onload={RUN}>",
    f"<!--><script>{RUN}//-->",
    f"\\u003cscript\\u003e{RUN}&lt;script&gt;{RUN}&#60;script&#62;",
]
SOURCE = "20000000-0000-4000-8000-00000000000a"
DESTINATION = "30000000-0000-4000-8000-00000000000a"


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    """A server all of whose names are markup: of sources, streams, namespaces, columns, rows, connections."""
    streams = [
        {
            "name": f"{payload}{number}",
            "namespace": payload,
            "columns": {payload: "string", "id": "integer"},
            "rows": [{payload: payload, "id": number}],
        }
        for number, payload in enumerate(PAYLOADS)
    ]
    world: dict[str, Any] = {
        "workspaces": [{"name": PAYLOADS[0]}],
        "sources": [{"name": PAYLOADS[1], "sourceId": SOURCE, "streams": streams}],
        "destinations": [{"name": PAYLOADS[2], "destinationId": DESTINATION}],
    }
    with Emulator(world) as emulator:
        emulator.set_speed(0)
        with AirbyteClient(ServerSettings(emulator.url)) as client:
            schema = client.discover_schema(SOURCE)
            assert schema.catalog is not None
            for entry in schema.catalog.streams:
                entry.config.selected = True
                entry.config.sync_mode, entry.config.destination_sync_mode = "full_refresh", "overwrite"
            for number, payload in enumerate(PAYLOADS):
                made = client.create_connection(
                    ConnectionCreate(
                        source_id=SOURCE,
                        destination_id=DESTINATION,
                        name=payload,
                        prefix=f"{number}",
                        sync_catalog=schema.catalog,
                        source_catalog_id=schema.catalog_id,
                    )
                )
                emulator.sync(made.connection_id)
        yield emulator


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_name_becomes_a_tag_or_an_attribute(served: Emulator) -> None:
    page = _Tags()
    page.feed(httpx.get(f"{served.url}/?reload=0").text)
    assert not page.tags & {"script", "img", "svg", "iframe", "details"}
    assert not {name for name in page.attributes if name.startswith("on")} | (page.attributes & {"srcdoc"})
    for payload in PAYLOADS:
        assert payload in page.text


def test_the_page_forbids_every_script_but_its_own(served: Emulator) -> None:
    headers = httpx.get(f"{served.url}/?reload=0").headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self'"
    )
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH: the page was not opened in a browser")
@pytest.mark.parametrize("policy", ["with its policy", "without it"])
def test_no_name_runs_in_a_real_browser(served: Emulator, tmp_path: Path, policy: str) -> None:
    """Without the page's own policy too, which alone would hide a hole; a file has none."""
    url = f"{served.url}/?reload=0"
    if policy == "without it":
        (tmp_path / "page.html").write_text(httpx.get(url).text)
        url = (tmp_path / "page.html").as_uri()
    command = [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", url]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
    assert "<title>Airbyte emulator" in dom
    assert "<title>taken" not in dom
    assert "<img" not in dom
    assert "<script" not in dom
    assert "&lt;script&gt;" in dom
