# ruff: noqa: E501 - a table: one case a line where it fits
"""What programs must not declare: each case with who refuses it and the sentence, or the part that matters.

A case replaces arguments of a good declaration; ``...`` leaves one out. ``Later`` is an Output, a ``lambda`` is called
while the program runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi_airbyte_wb as airbyte
from tests.bad_input.program import Later
from tools.builtin_world import CONFIG, SHOP, UNKNOWN, WAREHOUSE, WORKSPACE

USERS = {"public.users": "full_refresh_overwrite"}
WEBHOOK: Any = {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": 8}}

GOOD: dict[str, dict[str, Any]] = {
    "Connection": {"source_id": SHOP, "destination_id": WAREHOUSE, "streams": USERS},
    "Catalog": {"connection_id": UNKNOWN, "streams": USERS},
    "Operation": {"workspace_id": WORKSPACE, "webhook": WEBHOOK},
}


@dataclass(frozen=True)
class Case:
    """A bad declaration.

    Attributes:
        kind: the resource.
        changes: what is declared instead of what is good.
        by: who refuses it: ``program``, or ``check``.
        words: what is said: where it begins with a path, how the sentence begins.
    """

    kind: str
    changes: dict[str, Any]
    by: str
    words: str


def connection(by: str, words: str, **changes: Any) -> Case:
    return Case("Connection", changes, by, words)


def catalog(by: str, words: str, **changes: Any) -> Case:
    return Case("Catalog", changes, by, words)


def operation(by: str, words: str, **changes: Any) -> Case:
    return Case("Operation", changes, by, words)


def cron(words: str, expression: str, zone: str = "UTC") -> Case:
    return Case("Connection", {"schedule": f"cron {expression} {zone}"}, "check", f"schedule: {words}")


def line(words: str, text: str, name: str = "public.users") -> Case:
    return Case("Connection", {"streams": {name: text}}, "check", words)


class Thing:
    """Nothing that a property can hold."""


LONG = "x" * 10_000
NAMES = [
    connection("check", "name: '' is empty; leave it out to use the resource's name", name=""),
    connection("check", f"name: '{'x' * 78}… is longer than 256 characters; shorten it", name=LONG),
    connection("check", f"name: '{'ü' * 78}… is longer than 256 characters", name="ü" * 257),
    connection("check", "name: 'a\\nb' holds a line break or another control character; remove it", name="a\nb"),
    connection("check", "name: 'a\\x00b' holds a line break or another control character", name="a\0b"),
    connection("check", "name: '\\x1b[31mred' holds a line break or another control", name="\x1b[31mred"),
    connection("check", "name: 'a\\u2028b' holds a line break or another control character", name="a\u2028b"),
    connection("check", "name: 'a\\x85b' holds a line break or another control character", name="a\x85b"),
    connection(
        "check", "name: 'a\\u202eb' holds a character that reverses the direction of text; remove it", name="a\u202eb"
    ),
    connection(
        "program", "Connection('shop'): name: '\\ud800' holds half a character, which no text can; ", name="\ud800"
    ),
    connection("check", "prefix: 'p\\tq' holds a line break or another control character", prefix="p\tq"),
    connection("check", "name: 7 is not a text; write it in quotes", name=7),
    connection("check", "name: True is not a text; write it in quotes", name=True),
    connection("program", "Connection('shop'): name: ['a'] is not a text; write one text in quotes", name=["a"]),
    connection(
        "program",
        "Connection('shop'): status: a value of type 'dict' is not a text; write one text in quotes",
        status=Later({}),
    ),
    operation("check", "name: '' is empty; leave it out to use the resource's name", name=""),
    operation("check", f"name: '{'x' * 78}… is longer than 256 characters; shorten it", name=LONG),
    operation("check", "name: 'a\\r\\nb' holds a line break", name="a\r\nb"),
    connection(
        "check", "operations[0].name: '' is empty; give it a name", operations=[{"name": "", "webhook": WEBHOOK}]
    ),
    connection(
        "check",
        "operations[1].name: 'a' is declared twice; names tell the operations apart",
        operations=[{"name": "a", "webhook": WEBHOOK}, {"name": "a", "webhook": WEBHOOK}],
    ),
    line(
        "streams: 'a..b' is not a stream's name: it has an empty part; write namespace.name",
        USERS["public.users"],
        "a..b",
    ),
    line("streams: '\"a' is not a stream's name: it has a quote that is not closed", USERS["public.users"], '"a'),
    line("streams: 'public.users\\n' holds a line break", USERS["public.users"], "public.users\n"),
    line("streams: '' is not a stream's name: it has an empty part", USERS["public.users"], ""),
]

TYPES = [
    connection(
        "program", "Connection('shop'): name: a value of type 'bytes' is nothing that a property can hold; ", name=b"x"
    ),
    connection("program", "Connection('shop'): name: a value of type 'Thing' is nothing that", name=Thing()),
    connection(
        "program",
        "Connection('shop'): tags: a value of type 'set' is nothing that a property can hold; write a list",
        tags={CONFIG},
    ),
    connection("program", "Connection('shop'): name: a value of type 'date' is nothing", name=dt.date(2026, 1, 1)),
    connection(
        "program",
        "Connection('shop'): source_id: a value of type 'SourceRead' is nothing that a property can hold; "
        "write .source_id behind it",
        source_id=lambda: airbyte.get_source(source_id=SHOP),
    ),
    connection(
        "program",
        "Connection('shop'): operation_ids[0]: a value of type 'Operation' is a resource; write .id behind it",
        operation_ids=lambda: [airbyte.Operation("o", workspace_id=WORKSPACE, webhook=WEBHOOK)],
    ),
    connection(
        "program",
        "Connection('shop'): resource_requirements: the key 7 is not a text",
        resource_requirements={7: "x"},
    ),
    connection(
        "program", "Connection('shop'): name: a value of type 'bytes' is nothing that a property", name=Later(b"x")
    ),
    connection("check", "name: 5 is not a text; write it in quotes", name=Later(5)),
    connection(
        "check", "source_id: ['a'] is not a text; write one text in quotes", source_id=Later(["a"])
    ),
    connection("check", "source_id: {} is not a text; write one text in quotes", source_id={}),
    connection(
        "program",
        "streams[0]: an Output is not a stream; write airbyte.stream(…), whose arguments may be Outputs, or make the "
        "whole list one Output",
        streams=[Later({"name": "public.users", "mode": "incremental_append"})],
    ),
    connection("program", "streams[0]: the name is an Output, and has to be a text that is known now",
               streams=lambda: [airbyte.stream(_output("public.users"), "incremental_append")]),
    connection("program", "streams: a value of type 'int' is not a list of streams; write streams=[airbyte.stream(…), …]", streams=Later(5)),
    connection(
        "program",
        "streams: a value of type 'Stream' is not a list of streams; write streams=[airbyte.stream(…), …]",
        streams=lambda: airbyte.stream("public.users", "full_refresh_overwrite"),
    ),
    connection(
        "program",
        "stream('public.users'): cursor=a value of type 'int' is no column; write the column's name",
        streams=lambda: [airbyte.stream("public.users", "incremental_append", cursor=_output(5))],
    ),
    connection(
        "program",
        "stream('public.users'): mode=a value of type 'int' is not a text; write for example 'incremental_append'",
        streams=lambda: [airbyte.stream("public.users", _output(5))],
    ),
    connection(
        "program",
        "stream('public.users'): curser=an Output is no argument; did you mean 'cursor'?",
        streams=lambda: [airbyte.stream("public.users", "incremental_append", curser=_output("a"))],  # type: ignore[call-arg]
    ),
    connection(
        "program",
        "stream('public.users'): mappers=a value of type 'list' is no JSON",
        streams=lambda: [airbyte.stream("public.users", "incremental_append", mappers=[Thing()])],  # type: ignore[list-item]
    ),
    connection(
        "program",
        "stream('public.users'): mappers=a value of type 'list' is no JSON",
        streams=lambda: [airbyte.stream("public.users", "incremental_append", mappers=[{"type": float("nan")}])],
    ),
    connection(
        "program",
        "stream('public.users'): include_files='no' is neither True nor False",
        streams=lambda: [airbyte.stream("public.users", "incremental_append", include_files="no")],  # type: ignore[arg-type]
    ),
    connection("check", "tags: 'abc' is not a list of tag ids; write ['UUID', …]", tags="abc"),
    connection("check", "tags[0]: 'abc' is not an id of Airbyte's; copy the UUID", tags=["abc"]),
    connection("check", "notify_schema_changes: 'yes' is neither true nor false; write True", notify_schema_changes="yes"),
    connection("check", "exclusive: 1 is neither true nor false; write True or False, without quotes", exclusive=1),
    connection("check", "resource_requirements: 'x' is not a mapping; give some of", resource_requirements="x"),
    connection("check", "resource_requirements.cpu: 'cpu' is not a resource; ", resource_requirements={"cpu": "1"}),
    connection("check", "resource_requirements.cpu_limit: 2 is not a text; ", resource_requirements={"cpu_limit": 2}),
    connection("check", "resets: 'skip' is not a mapping; write {'default': …}", resets="skip"),
    connection("check", "operations: 'x' is not a list of operations; write", operations="x"),
    connection("check", "operations[0]: 'x' is not a mapping; write {'name': …, 'webhook': {…}}", operations=["x"]),
    connection("check", "operation_ids: 'x' is not a list of operation ids; write [operation.id, …]", operation_ids="x"),
    connection("check", "adopt: 'shop' is not an id of Airbyte's; copy the UUID", adopt="shop"),
    connection("check", "server: 7 is not a text; write it in quotes", server=7),
]  # fmt: skip

NUMBERS = [
    connection("program", "Connection('shop'): name: nan is no number that can be kept; ", name=float("nan")),
    connection(
        "program",
        "Connection('shop'): resets.timeout_minutes: inf is no number that can be kept; write a finite number",
        resets={"timeout_minutes": float("inf")},
    ),
    connection("program", "Connection('shop'): resets.timeout_minutes: nan is no number", resets={"timeout_minutes": float("nan")}),
    connection("check", "resets.timeout_minutes: 0 is not a number of minutes from 1 to 1440; ", resets={"timeout_minutes": 0}),
    connection("check", "resets.timeout_minutes: -1 is not a number of", resets={"timeout_minutes": -1}),
    connection("check", "resets.timeout_minutes: 1000000000000000052504760255204420248704468581108159154915854115511802457988908… is not a number of", resets={"timeout_minutes": 1e300}),
    connection("check", "resets.timeout_minutes: '60' is not a number of", resets={"timeout_minutes": "60"}),
    connection("check", "resets.timeout_minutes: 1.5 is not a number of", resets={"timeout_minutes": 1.5}),
    operation(
        "program",
        "Operation('shop'): webhook.dbt_cloud.job_id: a number of about 398 digits is larger than Pulumi keeps exactly; ",
        webhook={"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": 10**400}},
    ),
    operation(
        "program",
        "Operation('shop'): webhook.dbt_cloud.job_id: 9007199254740993 is larger than Pulumi keeps exactly",
        webhook={"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": 2**53 + 1}},
    ),
    operation(
        "check",
        "webhook.dbt_cloud.account_id: -7 is not a number of dbt Cloud's; copy it from the job's address",
        webhook={"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": -7, "job_id": 8}},
    ),
    operation(
        "check",
        "webhook.dbt_cloud.job_id: 'eight' is not a number of dbt Cloud's",
        webhook={"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": "eight"}},
    ),
    operation(
        "check",
        "webhook.dbt_cloud.job_id: 8.5 is not a number of dbt Cloud's",
        webhook={"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": 8.5}},
    ),
]  # fmt: skip

QUARTZ = "the six or seven fields of a Quartz expression and a time zone; write for example 'cron 0 0 6 * * ? UTC'"
SCHEDULES = [
    connection("check", "schedule: 'hourly' is not a schedule; write 'manual', 'every 6 hours' or", schedule="hourly"),
    connection("check", "schedule: '' is not a schedule", schedule=""),
    connection("check", "schedule: 'every 0 hours' does not say how often; write 'every 6 hours'", schedule="every 0 hours"),
    connection("check", "schedule: 'every 1.5 hours' does not say how often", schedule="every 1.5 hours"),
    connection("check", "schedule: 'every -1 hours' does not say how often", schedule="every -1 hours"),
    connection("check", "schedule: 'every 99999999999 hours' is a longer interval than the server can store; ", schedule="every 99999999999 hours"),
    connection("check", "schedule: 'fortnights' is not a unit of time; ", schedule="every 2 fortnights"),
    connection("check", "schedule: 'every ² hours' does not say how often", schedule="every ² hours"),
    cron("'cron 0 6 * * * UTC' is not a cron schedule: it takes " + QUARTZ, "0 6 * * *"),
    cron("'cron 0 0 6 * * ? * * UTC' is not a cron schedule: it takes", "0 0 6 * * ? * *"),
    cron("'60' is no second: it goes from 0 to 59; ", "60 0 6 * * ?"),
    cron("'61' is no minute: it goes from 0 to 59", "0 61 6 * * ?"),
    cron("'24' is no hour: it goes from 0 to 23", "0 0 24 * * ?"),
    cron("'32' is no day of the month: it goes from 1 to 31", "0 0 6 32 * ?"),
    cron("'0' is no day of the month", "0 0 6 0 * ?"),
    cron("'13' is no month: it goes from 1 to 12 or from JAN to DEC", "0 0 6 1 13 ?"),
    cron("'JUX' is no month", "0 0 6 1 JUX ?"),
    cron("'0' is no day of the week: it goes from 1 (Sunday) to 7", "0 0 6 ? * 0"),
    cron("'MONDAY' is no day of the week", "0 0 6 ? * MONDAY"),
    cron("'1969' is no year: it goes from 1970 to 2099", "0 0 6 * * ? 1969"),
    cron("'0 0 6 * * *' must have '?' for either the day of the month or the day of the week", "0 0 6 * * *"),
    cron("'0 0 6 ? * ?' must have '?' for either", "0 0 6 ? * ?"),
    cron("'0 0 6 1 * 2' must have '?' for either", "0 0 6 1 * 2"),
    cron("'?' stands for a day of the month or of the week alone; ", "0 ? 6 * * ?"),
    cron("'*/0' has the step '0', and a step goes from 1 to 59", "0 */0 6 * * ?"),
    cron("'*/60' has the step '60', and a step goes from 1 to 59", "0 */60 6 * * ?"),
    cron("'5/' has the step '', and a step goes from 1 to 59", "0 5/ 6 * * ?"),
    cron("'1-' has no end: '' is no hour", "0 0 1- * * ?"),
    cron("'a' is no hour", "0 0 a * * ?"),
    cron("'L' is possible for the day of the month or of the week alone; ", "0 0 L * * ?"),
    cron("'15W' is possible for the day of the month alone", "0 0 6 ? * 15W"),
    cron("'6#6' names a week that no month has: it goes from 1 to 5", "0 0 6 ? * 6#6"),
    cron("'L-31' is too far from the end of the month: it goes from L-1 to L-30", "0 0 6 L-31 * ?"),
    cron("'L,15' puts the last day beside others, which Quartz does not take", "0 0 6 L,15 * ?"),
    cron("'2#1,3#2' counts weeks of more than one day, which Quartz does not take", "0 0 6 ? * 2#1,3#2"),
    cron("'1,,2' has an empty part", "0 0 1,,2 * * ?"),
    cron("'@daily' is no second", "@daily 0 6 * * ?"),
    cron("'0 0 6 31 2 ?' never comes: none of these months has that day", "0 0 6 31 2 ?"),
    cron("'Europe/Berln' is not a time zone that the server takes; did you mean 'Europe/Berlin'", "0 0 6 * * ?", "Europe/Berln"),
    cron("'Etc/UTC' is not a time zone that the server takes; ", "0 0 6 * * ?", "Etc/UTC"),
    cron("'+02:00' is not a time zone", "0 0 6 * * ?", "+02:00"),
    cron("'../../etc/passwd' is not a time zone", "0 0 6 * * ?", "../../etc/passwd"),
    connection("check", "schedule: 7 is not a text; write it in quotes", schedule=7),
]  # fmt: skip

CONTRADICTIONS = [
    connection(
        "check",
        "namespace_format: '${SOURCE_NAMESPACE}' has no use with namespace_definition 'source'; declare",
        namespace_definition="source",
        namespace_format="${SOURCE_NAMESPACE}",
    ),
    connection(
        "check",
        "namespace_definition: 'customformat' needs a namespace_format; declare one",
        namespace_definition="customformat",
    ),
    connection("check", "namespace_definition: 'custom' is not possible here; ", namespace_definition="custom"),
    connection("check", "status: 'deprecated' is not possible here; use 'active' or 'inactive'", status="deprecated"),
    connection("check", "status: 'actve' is not possible here; did you mean 'active'?", status="actve"),
    connection(
        "check",
        "non_breaking_changes_preference: 'propagate' is not possible here; ",
        non_breaking_changes_preference="propagate",
    ),
    connection("check", "geography: 'auto' is not possible here: it", geography="auto"),
    connection("check", "on_remove: 'delete' is not possible here; use 'keep' or 'clear'", on_remove="delete"),
    connection("check", "resets.default: 'sometimes' is not possible here; ", resets={"default": "sometimes"}),
    connection("check", "resets.defualt: 'defualt' is not a property of resets; did you mean 'default'?", resets={"defualt": "auto"}),
    connection(
        "check",
        "resets.overrides[\"public.user\"]: 'public.user' is no declared stream; did you mean 'public.users'?",
        resets={"overrides": {"public.user": "skip"}},
    ),
    connection(
        "check",
        "resets.permits[0]: 'public.users AWB210' is not a stream, a code and a day; write",
        resets={"permits": ["public.users AWB210"]},
    ),
    connection(
        "check",
        "resets.permits[0]: '2026-02-30' is not a day; write 2026-12-31",
        resets={"permits": ["public.users AWB210 2026-02-30"]},
    ),
    connection("check", "resets.permits: 'x' is not a list of permissions; write ['public.events", resets={"permits": "x"}),
    connection("check", "source_id: 'nothing' is declared, but every Connection needs one; ", source_id=None),
    connection("check", "source_id: 'shop-postgres' is not an id of Airbyte's; copy the UUID", source_id="shop-postgres"),
    connection("check", f"source_id: '{UNKNOWN}' is not known to the server at", source_id=UNKNOWN),
    connection("check", f"destination_id: '{UNKNOWN}' is not known to the server at", destination_id=UNKNOWN),
    connection("check", f"adopt: '{UNKNOWN}' is no connection of the server at", adopt=UNKNOWN),
    connection("program", "Connection('shop'): shedule='manual' is no argument; did you mean 'schedule'?", shedule="manual"),
    connection("program", "Connection('shop'): skip_reset is no argument; say resets={\"default\": \"skip\"} for what", skip_reset=True),
    catalog("program", "Catalog('shop'): skip_reset is no argument; say resets=", skip_reset=False),
    line("streams[\"public.users\"].mode: 'incremental_overwrite' appends instead of overwriting", "incremental_overwrite"),
    line("streams[\"public.users\"].mode: 'incremental' is only one half of a mode; declare 'incremental_append' or 'incremental_append_dedup'", "incremental"),
    line("streams[\"public.users\"].mode: '' is not a sync mode; ", ""),
    line("streams[\"public.users\"].key: 'incremental_append_dedup' needs a key, and the source defines none; declare one or", "incremental_append_dedup cursor=updated_at"),
    line("streams[\"public.users\"].cursor: 'id' has no use in full_refresh_overwrite", "full_refresh_overwrite cursor=id"),
    line("streams[\"public.users\"].key: 'id' has no use in incremental_append", "incremental_append cursor=id key=id"),
    line("streams[\"public.users\"].cursor: 'a.b' is nested: destinations use its first element only", "incremental_append cursor=a.b"),
    line("streams[\"public.users\"].fields: 'id' leaves out 'email', which is the cursor; select it too", "incremental_append cursor=email fields=id"),
    line("streams[\"public.users\"].fields: 'name.first' is no column of public.users; only whole columns can be selected: select 'name'", "full_refresh_append fields=name.first"),
    line("streams[\"public.users\"].key: 'id.region' is one path into a column; for a key of these columns write key=['id', 'region']", "full_refresh_overwrite_dedup key=id.region"),
    line("streams[\"public.users\"].mode: 'Full refresh | Overwrite' is not a sync mode; did you mean 'full_refresh_overwrite'?", "Full refresh | Overwrite"),
    line("streams[\"public.users\"].mode: 'Incremental | Append + Deduped' is not a sync mode; did you mean 'incremental_append_dedup'?", "Incremental | Append + Deduped"),
    line("streams[\"public.users\"].mode: 'full_refresh' is only one half of a mode; declare 'full_refresh_overwrite' or 'full_refresh_append'", "full_refresh"),
    line("streams[\"public.users\"].primary_key: 'primary_key' is not a property of a stream; declare key", "full_refresh_overwrite_dedup primary_key=id"),
    connection("program", "Connection('shop'): configurations={'streams': []} is no argument; declare streams=[airbyte.stream", configurations={"streams": []}),
    connection("program", "Connection('shop'): sync_catalog={} is no argument; declare streams=[airbyte.stream", sync_catalog={}),
    connection("program", "Connection('shop'): data_residency='auto' is no argument; declare geography", data_residency="auto"),
    connection(
        "program",
        "streams[0]: destinationSyncMode='append_dedup' is no argument; declare both halves in mode, for example",
        streams=[{"name": "public.users", "mode": "incremental", "destinationSyncMode": "append_dedup"}],
    ),
    connection(
        "program",
        "streams[0]: namespace='public' is no argument; write it in the name: 'namespace.name'",
        streams=[{"name": "users", "namespace": "public", "mode": "full_refresh_overwrite"}],
    ),
    connection(
        "program",
        "streams[0]: selected_fields=[{'field_path': ['id']}] is no argument; declare fields",
        streams=[{"name": "public.users", "mode": "x", "selected_fields": [{"field_path": ["id"]}]}],
    ),
    *(
        connection(
            "check",
            f"namespace_format: {text!r} holds a placeholder that Airbyte does not know, and would stand in the name of "
            "the schema as it is; write ${SOURCE_NAMESPACE}, which stands for the source's namespace",
            namespace_definition="customformat",
            namespace_format=text,
        )
        for text in (
            *("${source_namespace}_raw", "$${SOURCE_NAMESPACE}", "{{SOURCE_NAMESPACE}}_raw", "${STREAM_NAMESPACE}"),
            *("SOURCE_NAMESPACE", "{SOURCE_NAMESPACE}"),
        )
    ),
    connection("check", "prefix: '${SOURCE_NAMESPACE}_' holds a placeholder, and Airbyte takes a prefix as it is; put", prefix="${SOURCE_NAMESPACE}_"),
    line("streams[\"public.users\"].fields: 'nme' is no column of public.users; did you mean 'name'?", "full_refresh_append fields=nme"),
    line("streams[\"public.users\"].cursor: 'id' is given twice; keep one of them", "incremental_append cursor=id cursor=id"),
    line("streams[\"public.users\"].curser: 'curser' is not a property of a stream; did you mean 'cursor'?", "incremental_append curser=id"),
    line("streams[\"public.users\"].mappers: '[{]' is not a list of mappers, each with a 'type'; ", "full_refresh_append mappers=[{]"),
    line("streams[\"public.users\"].mappers: '[[[[", "full_refresh_append mappers=" + "[" * 20_000),
    line("streams[\"public.users\"].guarantees: 'all' is not a guarantee; use cursor_monotonic, key_unique", "full_refresh_append guarantees=all"),
    line("streams[\"public.users\"].files: 'maybe' is neither 'yes' nor 'no'; ", "full_refresh_append files=maybe"),
    line("streams[\"public.user\"]: 'public.user' is no stream of the source; did you mean 'public.users'?", "full_refresh_append", "public.user"),
    line("streams[\"nothing.*\"]: 'nothing.*' names no stream of the source; it has", "full_refresh_append", "nothing.*"),
    connection(
        "program",
        "streams[1]: 'public.users' is declared twice; keep one of them",
        streams=[{"name": "public.users", "mode": "full_refresh_append"}, {"name": "public.users", "mode": "full_refresh_append"}],
    ),
    connection("program", "streams[0]: mode is missing; every stream needs a name and a mode", streams=[{"name": "a"}]),
    catalog("check", "connection_id: 'shop' is not an id of Airbyte's; copy the UUID", connection_id="shop"),
    catalog("check", f"connection_id: '{UNKNOWN}' is no connection of the server at"),
    catalog("check", "on_delete: 'drop' is not possible here; use 'keep' or 'remove'", on_delete="drop"),
    catalog("check", "with_refreshed_catalog: 'yes' is neither true nor false; ", with_refreshed_catalog="yes"),
    catalog("program", "Catalog('shop'): prefix='x' is no argument; it takes", prefix="x"),
    catalog("program", "streams: 5 is not a list of streams; write streams=[airbyte.stream(…), …]", streams=5),
    catalog("check", "resets.wait: 'forever' is not possible here; use 'accepted' or 'job'", resets={"wait": "forever"}),
    operation("check", "operation: 'nothing' is declared; declare one of normalization, dbt, webhook", webhook=None),
    operation("check", "operation: 'normalization and webhook' is declared; declare one of", normalization={}),
    operation("check", "dbt: 'dbt' is not possible here: it needs a server of", webhook=None, dbt={"git_repo_url": "u"}),
    operation("check", "webhook: 'x' is not a mapping; write", webhook="x"),
    operation("check", "webhook.dbt_cloud: 'nothing' is declared, but a webhook needs it; ", webhook={"webhook_config_id": CONFIG}),
    operation("check", "webhook.execution_url: 'https://x.test' is something that servers store but", webhook={"execution_url": "https://x.test"}),
    operation("check", "workspace_id: 'nothing' is declared, but every operation needs one; ", workspace_id=None),
    operation("check", "workspace_id: 'Default' is not an id of Airbyte's; copy the UUID", workspace_id="Default"),
    operation("check", f"workspace_id: '{UNKNOWN}' is not known to the server at", workspace_id=UNKNOWN),
]  # fmt: skip

CASES = [*NAMES, *TYPES, *NUMBERS, *SCHEDULES, *CONTRADICTIONS]

ACCEPTED: list[dict[str, Any]] = [
    {"name": "Geschäft 店 🏬 \"quoted\" 'single' <script>alert(1)</script> ${x} %s \\ `id` $(id)"},
    {"name": "مرحبا"},
    {"name": "x" * 256},
    {"name": "👩‍👩‍👧"},
    {"prefix": "'; DROP TABLE users; --"},
    {"schedule": "cron 0 0 6 * * ? UTC"},
    {"schedule": "cron 0 0/30 6-22/2 ? JAN-MAR,12 MON-FRI 2026-2030 Europe/Berlin"},
    {"schedule": "cron 0 0 22-2 LW * ? UTC"},
    {"schedule": "cron 0 0 6 L-3 * ? UTC"},
    {"schedule": "cron 0 0 6 15W * ? UTC"},
    {"schedule": "cron 0 0 6 ? * 6#3 UTC"},
    {"schedule": "cron 0 0 6 ? * MON#1 UTC"},
    {"schedule": "cron 0 0 6 ? * 6L America/New_York"},
    {"schedule": "cron 0 0 6 ? * friL UTC"},
    {"schedule": "cron 0 0 6 ? * L UTC"},
    {"schedule": "cron 0 0 6 29 2 ? UTC"},
    {"resets": {"timeout_minutes": 30.0}},
]
"""What looks bad and is not: these reach the server as they are, escaped wherever they are shown."""


def _output(value: Any) -> Any:
    import pulumi

    return pulumi.Output.from_input(value)


URL = "the server address"
CONFIGURATIONS: list[tuple[dict[str, str], str]] = [
    ({"url": ""}, "no Airbyte server is configured: set airbyte-wb:url in the stack or AIRBYTE_WB_URL"),
    ({"url": "localhost:8000"}, f"{URL} 'localhost:8000' is not of the form http://HOST:PORT; set airbyte-wb:url"),
    ({"url": "ftp://h"}, f"{URL} 'ftp://h' is not of the form"),
    ({"url": "http://"}, f"{URL} 'http://' is not of the form"),
    ({"url": "http://h:port"}, f"{URL} 'http://h:port' is not of the form"),
    ({"url": "http://h:99999"}, f"{URL} 'http://h:99999' is not of the form"),
    ({"url": "http://[::1"}, f"{URL} 'http://[::1' is not of the form"),
    ({"url": "http://a..b"}, f"{URL} 'http://a..b' is not of the form"),
    ({"url": f"http://{'x' * 300}"}, f"{URL} 'http://{'x' * 71}… is not of the form"),
    ({"url": "http://h\n"}, f"{URL} 'http://h\\n' is not of the form"),
    ({"url": " http://h"}, f"{URL} ' http://h' is not of the form"),
    ({"url": "http://256.1.1.1"}, f"{URL} 'http://256.1.1.1' is not of the form"),
    ({"url": "http://h?a=b"}, f"{URL} 'http://h?a=b' goes on behind its path; cut airbyte-wb:url before '?' or '#'"),
    ({"url": "http://u:HUSH@h"}, f"{URL} must not hold credentials; set airbyte-wb:username and airbyte-wb:password"),
    ({"url": "http://u:HUSH@h:port"}, f"{URL} 'http://[secret]@h:port' is not of the form"),
    ({"token": "HU\nSH"}, "the token holds a space, a line break or a letter that no token has; copy airbyte-wb:token"),
    ({"token": "Bearer HUSH"}, "the token holds a space"),
    ({"token": "HUSHü"}, "the token holds a space"),
    (
        {"token": "HUSH", "username": "u", "password": "HUSH"},
        "the server settings name token and username and password; keep",
    ),
    ({"username": "u"}, "username and password belong together; one of them is missing"),
    ({"clientSecret": "HUSH"}, "clientId and clientSecret belong together; one of them is missing"),
    (
        {"username": "a:b", "password": "HUSH"},
        "the username holds a colon, which basic authentication cannot send; check",
    ),
    ({"clientId": "a\nb", "clientSecret": "HUSH"}, "clientId holds a line break or another control character; copy"),
    ({"caBundle": "nowhere.pem"}, "the TLS files cannot be used: [Errno 2] No such file or directory; name PEM files"),
    (
        {"clientCert": "nowhere.pem"},
        "the TLS files cannot be used: [Errno 2] No such file or directory; name PEM files",
    ),
]
"""Stack configuration, on top of a good address, and what is said of it; ``HUSH`` is never shown."""

ID = "is not an id of Airbyte's; copy the UUID from the address of its page"
FUNCTIONS: list[tuple[Callable[[], object], str]] = [
    (lambda: airbyte.get_source(), "get_source: give a name or a source_id"),
    (lambda: airbyte.get_source(name=7), "get_source: name=7 is not a text; write it in quotes"),  # type: ignore[arg-type]
    (lambda: airbyte.get_source(name=_output("a")), "get_source: name is an Output, which is not known yet; call get_source_output"),
    (lambda: airbyte.get_source(source_id="shop"), f"get_source: source_id='shop' {ID}, or give a name"),
    (lambda: airbyte.get_source(source_id=UNKNOWN), "get_source: the server at "),
    (lambda: airbyte.get_source(name="x" * 10_000), f"get_source: no source is called '{'x' * 78}…; the server has"),
    (lambda: airbyte.get_source(name="a\nb"), "get_source: no source is called 'a\\nb'; the server has"),
    (lambda: airbyte.get_source(name="a", server=7), "get_source: server=7 is not a text; write"),  # type: ignore[arg-type]
    (lambda: airbyte.get_source(name="a", server="eu"), "no Airbyte server is configured: set airbyte-wb:eu.url in the stack or"),
    (lambda: airbyte.get_source(name="a", workspace_id="w"), f"get_source: workspace_id='w' {ID}"),
    (lambda: airbyte.get_destination(destination_id=""), f"get_destination: destination_id='' {ID}, or give a name"),
    (lambda: airbyte.get_connection(connection_id=b"x"), "get_connection: connection_id=a value of type 'bytes' is not a text; "),  # type: ignore[arg-type]
    (lambda: airbyte.get_connection(name="<b>"), "get_connection: no connection is called '<b>'; the server has none"),
    (lambda: airbyte.get_connections("w"), f"get_connections: workspace_id='w' {ID}"),
    (lambda: airbyte.get_connections(WORKSPACE, source_ids=["s"]), f"get_connections: source_ids='s' {ID}"),
    (lambda: airbyte.get_connections(WORKSPACE, source_ids=[7]), "get_connections: source_ids=7 is not a text"),  # type: ignore[list-item]
    (lambda: airbyte.get_state_type("c"), f"get_state_type: connection_id='c' {ID}"),
    (lambda: airbyte.get_workspace(name=["a"]), "get_workspace: name=['a'] is not a text; write it in quotes"),  # type: ignore[arg-type]
    (lambda: airbyte.get_workspace_state("../etc"), f"get_workspace_state: workspace_id='../etc' {ID}"),
    (lambda: airbyte.discover_streams(""), f"discover_streams: source_id='' {ID}"),
    (lambda: airbyte.discover_streams(UNKNOWN), "discover_streams: the server at "),
]  # fmt: skip
"""Calls of functions, and how the sentence begins."""

HUSH = "HUSH"


def encryption(key: str, *, secret: bool = True) -> dict[str, Any]:
    """A mapper with an Output inside, its key."""
    settings = {"algorithm": "AES", "targetField": "email", "fieldNameSuffix": "_enc", "mode": "CBC"}
    return {
        "type": "encryption",
        "mapperConfiguration": {**settings, "padding": "PKCS5Padding", "key": Later(key, secret=secret)},
    }


SECRETS: list[tuple[str, dict[str, Any]]] = [
    *(
        ("Connection", {name: Later(value, secret=True)})
        for name, value in {
            "name": "HUSH\n",
            "prefix": "HUSH\t",
            "status": "HUSH",
            "schedule": "cron 0 0 HUSH * * ? UTC",
            "namespace_definition": "HUSH",
            "namespace_format": "HUSH\0",
            "non_breaking_changes_preference": "HUSH",
            "backfill_preference": "HUSH",
            "notify_schema_changes": "HUSH",
            "geography": "HUSH",
            "source_id": "HUSH",
            "destination_id": "HUSH",
            "adopt": "HUSH",
            "tags": ["HUSH"],
            "operation_ids": ["HUSH"],
            "operations": [{"name": "HUSH", "webhook": {"HUSH": "HUSH"}}],
            "resource_requirements": {"HUSH": "HUSH"},
            "resets": {"default": "HUSH", "overrides": {"HUSH": "HUSH"}},
            "streams": {"HUSH..HUSH": "full_refresh_append"},
        }.items()
    ),
    ("Connection", {"streams": {"public.users": Later("HUSH", secret=True)}}),
    ("Connection", {"streams": {"public.users": Later("full_refresh_append fields=HUSH", secret=True)}}),
    ("Connection", {"streams": Later({"public.HUSH": "full_refresh_append"}, secret=True)}),
    ("Connection", {"streams": Later(["HUSH"], secret=True)}),
    ("Connection", {"streams": Later("HUSH", secret=True)}),
    ("Connection", {"streams": Later([{"name": "HUSH"}], secret=True)}),
    ("Connection", {"streams": Later([{"name": "a", "mode": "HUSH", "HUSH": "HUSH"}], secret=True)}),
    ("Connection", {"streams": Later({"HUSH": ["HUSH"]}, secret=True)}),
    ("Connection", {"name": Later(["HUSH"], secret=True)}),
    ("Connection", {"name": Later(b"HUSH", secret=True)}),
    ("Connection", {"name": Later("HUSH\ud800", secret=True)}),
    ("Connection", {"resource_requirements": {"cpu_limit": Later({"HUSH": b"HUSH"}, secret=True)}}),
    ("Connection", {"shedule": Later("HUSH", secret=True)}),
    (
        "Connection",
        {"streams": lambda: [airbyte.stream("public.users", "incremental_append", cursor=_secret(["HUSH", 5]))]},
    ),
    ("Connection", {"streams": lambda: [airbyte.stream("public.users", "incremental_append", cursor=_secret("HUSH"))]}),
    (
        "Connection",
        {"streams": lambda: [airbyte.stream("public.users", "full_refresh_append", mappers=_secret("HUSH"))]},
    ),
    (
        "Connection",
        {"streams": [{"name": "public.users", "mode": "full_refresh_append", "mappers": [encryption("HUSH")]}]},
    ),
    ("Catalog", {"connection_id": Later("HUSH", secret=True)}),
    ("Catalog", {"on_delete": Later("HUSH", secret=True)}),
    ("Operation", {"name": Later("HUSH\n", secret=True)}),
    ("Operation", {"workspace_id": Later("HUSH", secret=True)}),
    (
        "Operation",
        {"webhook": {"webhook_config_id": Later("HUSH", secret=True), "dbt_cloud": {"account_id": 7, "job_id": 8}}},
    ),
    ("Operation", {"webhook": Later({"HUSH": "HUSH"}, secret=True)}),
    ("Operation", {"server": Later("HUSH", secret=True)}),
]
"""Where a program puts a secret that cannot be; no sentence shows it."""


def _secret(value: Any) -> Any:
    import pulumi

    return pulumi.Output.secret(value)
