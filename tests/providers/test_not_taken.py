"""What a server accepts and keeps otherwise is said once and remembered; it is no change for ever, nor hides one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pulumi_airbyte_wb.api import AirbyteClient
from pulumi_airbyte_wb.api.transport import Transport
from pulumi_airbyte_wb.emulator import Emulator
from pulumi_airbyte_wb.models import ConnectionUpdate, Tag
from pulumi_airbyte_wb.providers.console import Console
from pulumi_airbyte_wb.state.record import unpack
from tests.main_job.conftest import WORKSPACE
from tests.providers.engine import Resource
from tests.providers.shop import EVENTS, ORDERS, USERS, configure, declare, kinds
from tests.providers.test_effective_parts import AES, KEY, OTHER_KEY, mapped, mapper
from tests.providers.test_masked_mappers import live_mappers, sent, silent

UNKNOWN_TAG = "00000000-0000-4000-8000-00000000abcd"
HASHING = {"targetField": "email", "method": "SHA-256", "fieldNameSuffix": "_hashed"}
EMAIL = {"notify_schema_changes": True, "notify_schema_changes_by_email": True}
NO_EMAIL = {"notify_schema_changes": True, "notify_schema_changes_by_email": False}
KEEPS = (
    "notify_schema_changes_by_email: Airbyte accepted false, but keeps true; nothing is planned about it while it does"
)
DROPPED = (
    'streams["public.users"].mappers[0].salt: Airbyte knows no such setting and has dropped it; take it out of the '
    "program"
)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings on the resources' rows."""
    found: list[str] = []
    monkeypatch.setattr(Console, "warn", lambda _, message: found.append(message))
    return found


def remembered(resource: Resource) -> dict[str, Any]:
    """What state remembers in its outputs."""
    memory: dict[str, Any] = unpack(resource.outputs["recorded"]).get("memory", {})
    return memory


def test_a_flag_that_the_server_keeps_is_said_at_the_write_and_at_each_refresh(
    shop: Resource, lines: list[str]
) -> None:
    shop.up(declare({"public.users": USERS}, **EMAIL))
    assert (lines, remembered(shop)) == ([], {})
    news = declare({"public.users": USERS}, **NO_EMAIL)
    shop.up(news)
    assert lines == [KEEPS]
    note = {"part": "notify_schema_changes_by_email", "declared": "false", "kept": "true"}
    assert remembered(shop) == {"not_taken": [note]}
    assert not shop.changed(news)
    assert silent(shop, news)
    assert lines == [KEEPS] * 2
    assert silent(shop, news)
    assert shop.inputs["memory"] == {"not_taken": [note]}
    assert shop.inputs["notify_schema_changes_by_email"] is False


def test_another_update_does_not_say_or_try_it_again(server: Emulator, shop: Resource, lines: list[str]) -> None:
    shop.up(declare({"public.users": USERS}, **EMAIL))
    shop.up(declare({"public.users": USERS}, **NO_EMAIL))
    for refreshes in (False, True):
        if refreshes:
            shop.refresh()
        lines.clear()
        news = declare({"public.users": USERS}, prefix=f"p{refreshes}_", **NO_EMAIL)
        shop.up(news)
        assert lines == []
        assert "notifySchemaChangesByEmail" not in server.log.requests[-1].request
        assert not shop.changed(news)
        assert silent(shop, news)


def test_a_tag_of_another_workspace_is_said(shop: Resource, lines: list[str]) -> None:
    news = declare({"public.users": USERS}, tags=[UNKNOWN_TAG])
    shop.up(news)
    kept = f'tags: Airbyte accepted ["{UNKNOWN_TAG}"], but keeps []; nothing is planned about it while it does'
    assert lines == [kept]
    assert silent(shop, news)


def test_another_live_value_than_the_noted_one_is_drift(
    server: Emulator, api: AirbyteClient, shop: Resource, lines: list[str]
) -> None:
    body = {"workspaceId": WORKSPACE, "name": "mine", "color": "FFFFFF"}
    mine = Tag.model_validate(httpx.post(f"{server.url}/api/v1/tags/create", json=body).json())
    news = declare({"public.users": USERS}, tags=[UNKNOWN_TAG])
    shop.up(news)
    api.update_connection(ConnectionUpdate(connection_id=shop.id, tags=[mine]))
    lines.clear()
    assert shop.refresh()
    assert lines == []
    assert remembered(shop) == {}
    assert shop.inputs["tags"] == [mine.tag_id]
    assert shop.changed(news)


def test_a_secret_value_is_not_said(shop: Resource, lines: list[str]) -> None:
    secret = {"secret_inputs": ["tags"]}
    shop.up(declare({"public.users": USERS}, tags=[UNKNOWN_TAG], **secret))
    assert lines == ["tags: Airbyte accepted [secret], but keeps [secret]; nothing is planned about it while it does"]


def salted(salt: str, **other: str) -> dict[str, Any]:
    return mapper("hashing", **{**HASHING, **other}, salt=salt)


def test_a_setting_that_the_server_drops_is_said_and_is_no_change(
    server: Emulator, api: AirbyteClient, shop: Resource, lines: list[str]
) -> None:
    streams = {"public.users": mapped(USERS, salted("x")), "public.orders": ORDERS}
    shop.up(declare(streams))
    assert lines == [DROPPED]
    server.sync(shop.id)
    lines.clear()
    assert silent(shop, declare(streams))
    assert lines == [DROPPED]
    assert remembered(shop) == {}
    (before,) = live_mappers(api, shop.id)
    news = declare({**streams, "public.events": EVENTS})
    assert list(shop.preview(news)) == ["public.events"]
    lines.clear()
    shop.up(news)
    assert lines == []
    assert live_mappers(api, shop.id) == [before]
    assert kinds(server, shop.id) == ["sync"]
    assert silent(shop, news)


def test_a_setting_that_is_dropped_beside_a_masked_key(
    server: Emulator, api: AirbyteClient, shop: Resource, lines: list[str]
) -> None:
    def streams(key: str) -> dict[str, str]:
        encryption = mapper("encryption", **AES, key=key, salt="x")
        return {"public.users": mapped(USERS, encryption), "public.orders": ORDERS}

    shop.up(declare(streams(KEY)))
    server.sync(shop.id)
    assert lines == [DROPPED]
    assert silent(shop, declare(streams(KEY)))
    news = declare({**streams(KEY), "public.events": EVENTS})
    shop.up(news)
    assert silent(shop, news)
    changed = declare({**streams(OTHER_KEY), "public.events": EVENTS})
    assert shop.preview(changed)["public.users"].startswith("AWB260 truncate")
    shop.up(changed)
    assert sent(server)[-1]["mappers"][0]["mapperConfiguration"]["key"] == OTHER_KEY
    assert silent(shop, changed)


def test_another_known_setting_is_drift_beside_a_dropped_one(
    server: Emulator, api: AirbyteClient, shop: Resource, lines: list[str]
) -> None:
    news = declare({"public.users": mapped(USERS, salted("x"))})
    shop.up(news)
    server.sync(shop.id)
    configure(api, shop.id, "users", mappers=[mapper("hashing", **{**HASHING, "method": "MD5"})])
    shop.refresh()
    assert shop.preview(news)["public.users"].startswith("AWB260 truncate")


def test_what_a_server_keeps_of_a_stream_is_remembered_and_planned_no_more(
    server: Emulator, api: AirbyteClient, shop: Resource, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers another key for a stream than it was sent."""
    ask, keeps = Transport.call_raw, ["name"]

    def answering(self: Transport, *call: Any, **options: Any) -> Any:
        answer = ask(self, *call, **options)
        for each in answer.get("syncCatalog", {}).get("streams", ()) if isinstance(answer, dict) else ():
            if each["stream"]["name"] == "users" and keeps:
                each["config"]["primaryKey"] = [keeps]
        return answer

    monkeypatch.setattr(Transport, "call_raw", answering)
    news = declare({"public.users": USERS, "public.orders": ORDERS})
    shop.up(news)
    assert lines == [
        'streams["public.users"].key: Airbyte accepted id, but keeps name; nothing is planned about it while it does'
    ]
    assert remembered(shop)["streams"] == {
        "public.users": {"not_taken": [{"part": "key", "declared": "id", "kept": "name"}]}
    }
    assert silent(shop, news)
    more = declare({"public.users": USERS, "public.orders": "full_refresh_append"})
    assert list(shop.preview(more)) == ["public.orders"]
    shop.up(more)
    assert silent(shop, more)
    keeps.clear()
    lines.clear()
    assert silent(shop, more)
    assert lines == []
    assert "not_taken" not in str(remembered(shop))
