"""A failure is never taken for an answer: not the page of a proxy, and not an answer that is made of other things."""

from __future__ import annotations

import contextlib
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.errors import AirbyteError, AnswerError
from tests.providers.shop import EVENTS, USERS, declare
from tools.engine import RefusedError, Resource, new_run

BOTH = declare({"public.users": USERS, "public.events": EVENTS})
KEY = declare({"public.users": USERS.replace("key=id", "key=id,name"), "public.events": EVENTS})
PAGES = {
    "an ingress": httpx.Response(404, html="<html><body>default backend - 404</body></html>"),
    "a gateway": httpx.Response(404, json={"message": "no Route matched with those values"}),
    "nothing": httpx.Response(404, content=b""),
}
FUZZED = int(os.environ.get("AIRBYTE_WB_FUZZED", "400"))
"""How many answers are mutated; `AIRBYTE_WB_FUZZED=5000` for a long run."""


class Between(httpx.BaseTransport):
    """What stands between the client and the server: ``change`` may replace an answer."""

    def __init__(self, server: Emulator, change: Callable[[str, httpx.Response], httpx.Response]) -> None:
        self._inner, self._change = server.transport(), change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        answer.read()
        return self._change(request.url.path.rpartition("/api/v1/")[2] or request.url.path.lstrip("/"), answer)


def between(server: Emulator, path: str, page: httpx.Response) -> Between:
    return Between(server, lambda asked, answer: page if asked.endswith(path) else answer)


@pytest.fixture
def made(server: Emulator) -> Resource:
    resource = Resource("shop")
    new_run(server.url).up(resource, BOTH)
    server.sync(resource.id)
    return resource


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("act", ["refresh", "destroy", "up"])
def test_the_page_of_a_proxy_does_not_mean_that_a_connection_is_gone(
    server: Emulator, made: Resource, act: str, page: str
) -> None:
    kept = made.copy()
    run = new_run(server.url, between(server, "web_backend/connections/get", PAGES[page]))
    with pytest.raises((AnswerError, RefusedError), match=r"404 is none of Airbyte's.*is a proxy in front"):
        run.up(made, KEY) if act == "up" else getattr(run, act)(made)
    assert made == kept
    assert not new_run(server.url).refresh(made)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "path",
    [
        "web_backend/connections/list",
        "connections/list_all",
        "actor_definition_versions/get_for_destination",
        "jobs/list",
    ],
)
def test_no_plan_rests_on_the_page_of_a_proxy(server: Emulator, made: Resource, path: str, page: str) -> None:
    shown = new_run(server.url).preview(made, KEY)
    try:
        disturbed = new_run(server.url, between(server, path, PAGES[page])).preview(made, KEY)
    except (AirbyteError, RefusedError) as error:
        assert "404 is none of Airbyte's" in str(error)  # noqa: PT017 - either that, or the same plan
    else:
        assert disturbed == shown


def test_what_an_old_server_does_not_have_it_says_itself() -> None:
    with Emulator(server_version="0.50.0") as server:
        made = Resource("shop")
        new_run(server.url).up(made, BOTH)
        assert new_run(server.url).preview(made, KEY) is not None


def mutated(value: Any, rng: random.Random) -> Any:
    """JSON with one value of it replaced."""
    places = list(_places(value))
    if not places:
        return rng.choice(_ODD)
    holder, key = rng.choice(places)
    if isinstance(holder, dict) and rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = rng.choice(_ODD)
    return value


_ODD: list[Any] = [
    None,
    7,
    -1,
    True,
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    {"x": None},
    ["x"],
    1e300,
    "2000-01-01",
    {"name": 3},
]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, dict):
        inner = iter(list(value.items()))
    elif isinstance(value, list):
        inner = iter(list(enumerate(value)))
    for key, each in inner:
        yield value, key
        yield from _places(each)


def test_a_malformed_answer_is_an_error_of_this_package() -> None:
    """One value of an answer is replaced, in one answer of seven; nothing else than our own errors may come of it."""
    rng = random.Random(int(os.environ.get("AIRBYTE_WB_FUZZ_SEED", "5")))
    count = 0

    def change(_: str, answer: httpx.Response) -> httpx.Response:
        nonlocal count
        if not answer.content or rng.random() > 0.15:
            return answer
        count += 1
        return httpx.Response(answer.status_code, json=mutated(json.loads(answer.content), rng))

    programs: list[Mapping[str, Any]] = [BOTH, KEY, {**BOTH, "prefix": "p_"}, declare({"public.users": USERS})]
    while count < FUZZED:
        with Emulator() as server:
            server.set_speed(10_000)
            resource = Resource("shop")
            new_run(server.url).up(resource, BOTH)
            server.sync(resource.id)
            for _ in range(12):
                program, act = rng.choice(programs), rng.choice(["preview", "up", "refresh"])
                run = new_run(server.url, Between(server, change))
                with contextlib.suppress(AirbyteError, RefusedError):
                    run.refresh(resource) if act == "refresh" else getattr(run, act)(resource, program)
                if not resource.id:
                    break
