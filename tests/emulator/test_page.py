"""The page for people (issue "emulator", item 6)."""

import html
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
    assert "No destination has a table yet." in page
    assert "page.js" not in page
    assert '<script src="/page.js" defer></script>' in httpx.get(f"{served.url}/").text


def test_what_it_shows(served: Emulator) -> None:
    api = Api(served)
    connection_id = api.connect(users=DEDUP, events=APPEND, fields={"name": HOSTILE})["connectionId"]
    served.sync(connection_id)
    served.insert("shop-postgres", "users", [{"id": 99, "email": HOSTILE, "updated_at": "2027"}], "public")
    served.sync(connection_id)
    page = _page(served)
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 4
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
    served.finish_jobs()
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "link", "input", "progress"):
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag != "progress":
                assert open_tags.pop() == tag

    for page in (_page(served), httpx.get(served.url).text):
        Check().feed(page)
        assert open_tags == []


def test_a_screen_reader_and_a_keyboard_find_their_way(served: Emulator) -> None:
    """Landmarks, a label for every field, a name of its own for every button, what labels refer to is there."""
    api = Api(served)
    for name in ("one", "two"):
        served.sync(api.connect(users=DEDUP, events=APPEND, fields={"name": name, "prefix": name})["connectionId"])
    page = _page(served)
    assert page.count("<main>") == page.count("</main>") == page.count("<h1>") == 1
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:aria-labelledby|aria-describedby|for)="([^"]+)"', page)) <= set(ids)
    fields = re.findall(r'<input (?!type="hidden")[^>]*id="([^"]+)"', page)
    assert fields == re.findall(r'<label for="([^"]+)"', page) == ["span"]
    names = [re.sub("<[^>]+>", "", text) for text in re.findall(r"<button[^>]*>(.*?)</button>", page)]
    assert names == [
        "Advance",
        "Sync one",
        "Sync two",
        "Drop all tables",
        *(f"Drop table public.{prefix}{stream}" for prefix in ("one", "two") for stream in ("users", "events")),
    ]
    assert "tabindex" not in re.sub('tabindex="0"', "", page)


def _press(emulator: Emulator, action: str, **fields: str) -> str:
    """What the page says after a button was pressed."""
    answer = httpx.post(f"{emulator.url}/do/{action}", data={"reload": "0", **fields}, follow_redirects=True)
    assert answer.status_code == 200
    said = re.search(r'id="notice"><p class="([^"]*)">(.*?)</p>', answer.text)
    assert said is not None
    return f"{'failed: ' if 'error' in said.group(1) else ''}{html.unescape(said.group(2))}"


def test_its_buttons(served: Emulator) -> None:
    api = Api(served)
    connection_id = api.connect(users=DEDUP, fields={"name": "shop"})["connectionId"]
    assert _press(served, "sync", connection=connection_id) == "shop: job 1, sync, succeeded"
    assert served.table_sizes() == [("warehouse", "public.users", 6)]
    before = served.now()
    assert _press(served, "advance", span="1h").startswith("It is 20")
    assert served.now() == pytest.approx(before + 3600)
    assert _press(served, "advance", span="soon").startswith("failed: 'soon' is no span of time")
    assert _press(served, "drop", table="public.users") == "Dropped public.users of warehouse, 6 rows."
    assert served.table_sizes() == []
    assert _press(served, "drop", table="public.users") == (
        "failed: no destination has a table public.users: there is none."
    )
    assert _press(served, "drop-all") == "Dropped 0 tables with 0 rows."
    assert httpx.post(f"{served.url}/do/format-the-disk").status_code == 404
    api.call("connections/delete", connectionId=connection_id)
    assert _press(served, "sync", connection=connection_id) == (
        "failed: connection 'shop' is deleted, and only an active one can be synced."
    )


def test_the_keyboard_goes_on_where_the_button_was(served: Emulator) -> None:
    connection_id = Api(served).connect(users=DEDUP)["connectionId"]
    wanted = {"sync": f"#connection-{connection_id}", "advance": "#time", "drop-all": "#tables"}
    for action, place in wanted.items():
        form = {"reload": "2", "connection": connection_id, "span": "1m"}
        answer = httpx.post(f"{served.url}/do/{action}", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/{place}")
        assert f'id="{place[1:]}"' in _page(served)


def test_each_job_has_its_cause_and_its_reason(served: Emulator) -> None:
    api = Api(served)
    connection_id = api.connect(users=DEDUP)["connectionId"]
    served.break_stream(connection_id, "users", "public", message="the <disk> is full")
    served.sync(connection_id)
    api.reconfigure(connection_id, users={"primaryKey": [["id"], ["region"]]})
    page = _page(served)
    assert "sync, ordered by the control API at " in page
    assert "the &lt;disk&gt; is full" in page
    assert "refresh of public.users (retaining records), ordered by web_backend/connections/update at " in page
    assert page.index("refresh of") < page.index("sync, ordered"), "newest first"


def _browser(profile: Path, *arguments: str) -> str:
    command = [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
    command += ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=90, check=True).stdout


def _probe(emulator: Emulator, profile: Path, script: str) -> str:
    """What a script on the same origin finds: it has the page in a frame of a phone's width."""
    page = f"<iframe src='/' width=360 height=800 id=f></iframe><pre id=out></pre><script>{script}</script>"
    emulator.app.add_api_route("/probe", lambda: HTMLResponse(page))
    shown = _browser(profile, "--virtual-time-budget=15000", "--dump-dom", f"{emulator.url}/probe")
    found = re.search(r'id="out">(.*?)</pre>', shown, re.DOTALL)
    assert found is not None, shown
    return found.group(1)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH: the page was not opened in a browser")
def test_in_a_real_browser(served: Emulator, tmp_path: Path) -> None:
    api = Api(served)
    served.sync(api.connect(users=DEDUP, fields={"name": HOSTILE})["connectionId"])
    dom = _browser(tmp_path, "--dump-dom", f"{served.url}/?reload=0")
    assert "<title>Airbyte emulator 1.8.0</title>" in dom
    assert "ada@shop.example" in dom
    # the page is no wider than a phone: what is wide scrolls in its own box
    width = _probe(served, tmp_path, "f.onload=()=>{out.textContent=f.contentDocument.documentElement.scrollWidth}")
    assert int(width) <= 360


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH: the page was not opened in a browser")
def test_it_brings_itself_up_to_date_and_keeps_the_focus(served: Emulator, tmp_path: Path) -> None:
    """A button is pressed in a real browser, then the page shows what another client did, the focus where it was."""
    connection_id = Api(served).connect(users=DEDUP, fields={"name": "shop"})["connectionId"]
    script = f"""
    const page = () => f.contentDocument;
    const wait = (check, then) => check() ? then() : setTimeout(() => wait(check, then), 100);
    f.onload = () => {{
      f.onload = null;
      page().getElementById("sync-{connection_id}").click();
      wait(() => page()?.getElementById("notice")?.textContent.includes("job 1, sync, succeeded"), async () => {{
        const button = page().getElementById("sync-{connection_id}");
        button.focus();
        await fetch("/_emulator/connections/shop/sync", {{method: "POST"}});
        wait(() => page().querySelectorAll(".jobs li").length == 2, () => {{
          out.textContent = page().activeElement.id + " " + (page().activeElement !== button);
        }});
      }});
    }};
    """
    assert _probe(served, tmp_path, script) == f"sync-{connection_id} true"


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on PATH: the page was not opened in a browser")
def test_the_documentation_of_the_control_api_needs_no_internet(served: Emulator, tmp_path: Path) -> None:
    dom = _browser(tmp_path, "--virtual-time-budget=15000", "--dump-dom", f"{served.url}/_emulator/docs")
    assert "/connections/{connection}/sync" in re.sub(r"<wbr>|\u200b", "", dom)
    assert "opblock" in dom
