"""Inputs read into a spec, and the mistakes in them."""

from __future__ import annotations

import pytest

from pulumi_airbyte_wb.spec.parsing import parse_spec, problems_of

SOURCE = "20000000-0000-4000-8000-000000000001"
DESTINATION = "30000000-0000-4000-8000-000000000001"
BASE = {"source_id": SOURCE, "destination_id": DESTINATION}


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
def test_a_mistake_names_the_property_and_the_way_out(inputs: dict[str, object], path: str, words: str) -> None:
    parsed = parse_spec(inputs)
    problems = [*parsed.problems, *problems_of(parsed.spec)]
    assert [problem.path for problem in problems] == [path]
    assert words in problems[0].reason


def test_a_value_that_is_not_known_yet_is_not_looked_at() -> None:
    parsed = parse_spec({**BASE, "source_id": "04da6b54-unknown"}, frozenset({"source_id"}))
    assert parsed.problems == ()
    assert parsed.spec.source_id is None
