"""The page for people (issue "emulator", item 6)."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi.responses import HTMLResponse

from pulumi_airbyte_wb.emulator import Emulator

from .api import APPEND, DEDUP, Api

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "<script>document.title = 'taken'</script>"


@pytest.fixture
def served() -> Iterator[Emulator]:
    with Emulator() as emulator:
        emulator.set_speed(0)
        yield emulator


def _page(emulator: Emulator) -> str:
    response = httpx.get(f"{emulator.url}/?reload=0")
    assert response.status_code == 200
    return response.text


def test_an_empty_server(served: Emulator) -> None:
    page = _page(served)
    assert "There is no connection yet." in page
    assert "No destination holds a table yet." in page
    assert "http-equiv" not in page
    assert 'http-equiv="refresh" content="2"' in httpx.get(f"{served.url}/").text


def test_what_it_shows(served: Emulator) -> None:
    api = Api(served)
    connection_id = api.connect(users=DEDUP, events=APPEND, fields={"name": HOSTILE})["connectionId"]
    served.sync(connection_id)
    served.insert("shop-postgres", "users", [{"id": 99, "email": HOSTILE, "updated_at": "2027"}], "public")
    served.sync(connection_id)
    page = _page(served)
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 2
    for text in (
        "public.users",
        "incremental | append dedup",
        "succeeded",
        "POST web_backend/connections/create",
        "7 rows",
    ):
        assert text in page, text
    assert "{&#34;ip&#34;: &#34;10.0.0.1&#34;}" in page


def test_it_is_well_formed(served: Emulator) -> None:
    api = Api(served)
    served.sync(api.connect(users=DEDUP)["connectionId"])
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "progress"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag != "progress":
                assert open_tags.pop() == tag

    Check().feed(_page(served))
    assert open_tags == []


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH: the page was not opened in a browser")
def test_in_a_real_browser(served: Emulator, tmp_path: Path) -> None:
    api = Api(served)
    served.sync(api.connect(users=DEDUP, fields={"name": HOSTILE})["connectionId"])
    url = f"{served.url}/?reload=0"
    common = [
        str(BROWSER),
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    dom = subprocess.run([*common, "--dump-dom", url], capture_output=True, text=True, timeout=90, check=True).stdout
    assert "<title>Airbyte emulator 1.8.0</title>" in dom
    assert "ada@shop.example" in dom
    # the page is no wider than a phone: what is wide scrolls in its own box
    probe = (
        "<iframe src='/?reload=0' width=360 height=800 id=f></iframe><div id=out></div>"
        "<script>f.onload=()=>{out.textContent='width '+f.contentDocument.documentElement.scrollWidth}</script>"
    )
    served.app.add_api_route("/probe", lambda: HTMLResponse(probe))
    command = [*common, "--virtual-time-budget=5000", "--dump-dom", f"{served.url}/probe"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout
    width = re.search(r'id="out">width (\d+)<', shown)
    assert width is not None, shown
    assert int(width.group(1)) <= 360
