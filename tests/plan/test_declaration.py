"""Inputs read into a declaration, and the mistakes in them."""

import pytest

from pulumi_airbyte_wb.errors import PlanError
from pulumi_airbyte_wb.models import StreamDescriptor
from pulumi_airbyte_wb.plan import Declaration, What, pack, read_inputs, unpack
from pulumi_airbyte_wb.plan.declaration import problems_of

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION}


def test_what_is_read_back_from_its_own_record_is_equal() -> None:
    inputs = {
        **BASE,
        "name": "Shop",
        "schedule": "every 6 hour",
        "tags": [DESTINATION, SOURCE],
        "resource_requirements": {"cpu_limit": "2"},
        "exclusive": True,
        "streams": {
            "public.users": "incremental_append_dedup key=b,a cursor=ts",
            "public.d*": "full_refresh_overwrite",
        },
    }
    declaration = read_inputs(inputs).declaration
    assert read_inputs(declaration.record()).declaration.record() == declaration.record()
    assert declaration.record()["schedule"] == "every 6 hours"
    assert declaration.record()["patterns"] == {"public.d*": "full_refresh_overwrite"}


def test_order_of_tags_and_streams_has_no_meaning() -> None:
    one = {**BASE, "tags": [SOURCE, DESTINATION], "streams": {"a": "incremental_append", "b": "full_refresh_append"}}
    other = {**BASE, "tags": [DESTINATION, SOURCE], "streams": {"b": "full_refresh_append", "a": "incremental_append"}}
    assert read_inputs(one).declaration.record() == read_inputs(other).declaration.record()


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"source_id": SOURCE}, "destination_id", "every Connection needs one"),
        ({**BASE, "source_id": "shop"}, "source_id", "is not an id of Airbyte's"),
        ({**BASE, "source_id": 7}, "source_id", "is not a text"),
        ({**BASE, "stream": {}}, "stream", "did you mean 'streams'"),
        ({**BASE, "shedule": "manual"}, "shedule", "did you mean 'schedule'"),
        ({**BASE, "name": ""}, "name", "is empty"),
        ({**BASE, "name": "a\nb"}, "name", "control character"),
        ({**BASE, "name": "x" * 10_000}, "name", "longer than 256 characters"),
        ({**BASE, "status": "actve"}, "status", "did you mean 'active'"),
        ({**BASE, "status": "deprecated"}, "status", "use 'active' or 'inactive'"),
        ({**BASE, "schedule": "hourly"}, "schedule", "is not a schedule"),
        ({**BASE, "schedule": "every 0 hours"}, "schedule", "does not say how often"),
        ({**BASE, "schedule": "every 2 huors"}, "schedule", "did you mean 'hours'"),
        ({**BASE, "schedule": "cron 0 0 6 * * UTC"}, "schedule", "six or seven fields"),
        ({**BASE, "schedule": "cron 0 0 6 * * ? Europe/Berln"}, "schedule", "did you mean 'Europe/Berlin'"),
        ({**BASE, "schedule": "cron 0 0 6 * * * UTC"}, "schedule", "must have '?'"),
        ({**BASE, "tags": "abc"}, "tags", "is not a list"),
        ({**BASE, "resource_requirements": {"cpu": "1"}}, "resource_requirements.cpu", "is not a resource"),
        ({**BASE, "notify_schema_changes": "yes"}, "notify_schema_changes", "is neither true nor false"),
        ({**BASE, "namespace_format": "x", "namespace_definition": "source"}, "namespace_format", "has no use"),
        ({**BASE, "streams": []}, "streams", "is not a mapping"),
        ({**BASE, "streams": {"": "incremental_append"}}, "streams", "has an empty part"),
        ({**BASE, "streams": {"a": "full_refresh_append cursor=x"}}, 'streams["a"].cursor', "has no use"),
        ({**BASE, "streams": {"a": "incremental_append key=x"}}, 'streams["a"].key', "has no use"),
        ({**BASE, "streams": {"a": "incremental_append cursor=x.y"}}, 'streams["a"].cursor', "is nested"),
        ({**BASE, "streams": {"a": "incremental_append cursor=x fields=y"}}, 'streams["a"].fields', "leaves out 'x'"),
        ({**BASE, "resets": {"wiat": "job"}}, "resets.wiat", "did you mean 'wait'"),
        ({**BASE, "resets": {"wait": "jobs"}}, "resets.wait", "did you mean 'job'"),
        ({**BASE, "resets": {"timeout_minutes": float("nan")}}, "resets.timeout_minutes", "from 1 to 1440"),
        ({**BASE, "resets": {"overrides": {"a": "skp"}}}, 'resets.overrides["a"]', "did you mean 'skip'"),
        ({**BASE, "resets": {"permits": "x"}}, "resets.permits", "is not a list"),
        ({**BASE, "resets": {"permits": ["a AWB210"]}}, "resets.permits[0]", "is not a stream, a code and a day"),
        ({**BASE, "resets": {"permits": ["a AWB999 once"]}}, "resets.permits[0]", "is not a stream, a code and a day"),
        ({**BASE, "resets": {"permits": ["a AWB210 soon"]}}, "resets.permits[0]", "is not a day"),
        ({**BASE, "on_remove": "drop"}, "on_remove", "use 'keep' or 'clear'"),
    ],
)
def test_a_mistake_names_the_property_and_a_hint(inputs: dict[str, object], path: str, words: str) -> None:
    reading = read_inputs(inputs)
    problems = [*reading.problems, *problems_of(reading.declaration)]
    assert [problem.path for problem in problems] == [path]
    assert words in problems[0].reason


def test_a_value_that_is_not_known_yet_is_not_looked_at() -> None:
    reading = read_inputs({**BASE, "source_id": "04da6b54-unknown"}, frozenset({"source_id"}))
    assert reading.problems == ()
    assert reading.declaration.source_id is None


@pytest.mark.parametrize("text", ["", "1:", "1:abc", None, "0:xyz", pack({"a": 1})[:-3]])
def test_a_damaged_record_is_told_by_a_sentence(text: str | None) -> None:
    with pytest.raises(PlanError, match="state is damaged"):
        unpack(text)


def test_a_record_of_a_newer_version_says_so() -> None:
    with pytest.raises(PlanError, match="upgrade the package"):
        unpack("2:abc")


def test_a_record_of_twenty_streams_is_small() -> None:
    streams = {f"public.table_{n}": "incremental_append_dedup cursor=updated_at key=id" for n in range(20)}
    assert len(pack(read_inputs({**BASE, "streams": streams}).declaration.record())) < 500


# ---- what is secret --------------------------------------------------------------------------------------------------

USERS = StreamDescriptor("public", "users")
PLAIN = Declaration(SOURCE, DESTINATION)


def secret(*inputs: str, streams: tuple[str, ...] = ()) -> Declaration:
    return Declaration(SOURCE, DESTINATION, secret=frozenset(inputs), secret_streams=frozenset(streams))


def test_a_declaration_says_which_streams_are_secret() -> None:
    declaration = read_inputs({**BASE, "secret_streams": ["public.u*", '"orders"', "public.a.b", "a."]}).declaration
    assert declaration.secret_streams == {"public.u*", "orders", 'public."a.b"', "a."}
    assert declaration.hides_stream(StreamDescriptor("public", "a.b"))
    assert declaration.record() == BASE


@pytest.mark.parametrize(
    ("declaration", "hidden"),
    [
        (PLAIN, False),
        (secret("streams"), True),
        (secret("prefix"), False),
        (secret(streams=("public.users",)), True),
        (secret(streams=("public.*",)), True),
        (secret(streams=("public.events",)), False),
    ],
)
def test_the_values_of_a_stream_are_secret_now_or_before(declaration: Declaration, hidden: bool) -> None:
    for one, other in ((declaration, None), (declaration, PLAIN), (PLAIN, declaration)):
        assert one.hides(USERS, What.KEY, other) is hidden
    assert declaration.hides(USERS, What.ADDED) is hidden, "what makes it the same change is its line"
    assert not declaration.hides(USERS, What.REMOVED), "that it leaves is no value"
    assert not declaration.hides(USERS, What.CLEARED_WITH)


@pytest.mark.parametrize("name", ["namespace_definition", "namespace_format", "prefix"])
def test_the_names_of_tables_are_secret_with_the_field_that_makes_them(name: str) -> None:
    for what in (What.FIELDS, What.RENAMED_OUTSIDE):
        assert secret(name).hides(USERS, what)
        assert PLAIN.hides(USERS, what, secret(name))
        assert not secret("geography", "streams").hides(USERS, what)
    assert not secret(name).hides(USERS, What.OBJECT)
