"""Operations as mappings and as lines: the same thing both ways, and every mistake one sentence with its path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import OperationRead
from pulumi_airbyte_wb.plan.operations import configuration_of, declared, line_of, lines_of, live_lines, parse_line

CONFIG = "50000000-0000-4000-8000-000000000001"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
WEBHOOKS = st.fixed_dictionaries(
    {
        "webhook_config_id": st.uuids().map(str),
        "dbt_cloud": st.fixed_dictionaries(
            {"account_id": st.integers(1, 2**63 - 1), "job_id": st.integers(1, 2**63 - 1)}
        ),
    }
).map(lambda webhook: {"webhook": webhook})
DBTS = st.fixed_dictionaries(
    {"git_repo_url": TEXT}, optional={"git_repo_branch": TEXT, "docker_image": TEXT, "dbt_arguments": TEXT}
).map(lambda dbt: {"dbt": dbt})
ANY = st.one_of(WEBHOOKS, DBTS, st.just({"normalization": {"option": "basic"}}))


@given(ANY)
def test_a_line_says_all_that_a_mapping_says(mapping: dict[str, Any]) -> None:
    configuration = configuration_of(mapping, "")
    line = line_of(configuration)
    assert parse_line(line, "x") == configuration
    assert line_of(parse_line(line, "x")) == line
    assert declared(configuration) == mapping


@given(st.dictionaries(TEXT, ANY, max_size=4))
def test_lists_and_lines_by_name_are_one_form(operations: dict[str, Any]) -> None:
    lines = lines_of([{"name": name, **mapping} for name, mapping in operations.items()], "operations")
    assert lines_of(lines, "operations") == lines
    assert list(lines) == sorted(operations)


def test_the_line_of_a_webhook() -> None:
    mapping = {"webhook": {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 7, "job_id": 8.0}}}
    assert line_of(configuration_of(mapping, "")) == f"webhook config={CONFIG} account=7 job=8"


def test_of_two_live_operations_with_one_name_the_smaller_id_counts_whatever_the_order() -> None:
    def live(operation_id: str, url: str) -> OperationRead:
        configuration = configuration_of({"dbt": {"git_repo_url": url}}, "")
        return OperationRead(
            operation_id=operation_id, workspace_id="w", name="n", operator_configuration=configuration
        )

    one, two = live("1", "first"), live("2", "second")
    assert live_lines([one, two]) == live_lines([two, one]) == {"n": "dbt repo=first"}


WEBHOOK = {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 1, "job_id": 1}}
ACCOUNT = "webhook.dbt_cloud.account_id"
MISTAKES: list[tuple[Any, str, str]] = [
    ({}, "operation", "declare one of normalization, dbt, webhook"),
    ({"dbt": {"git_repo_url": "u"}, "normalization": {}}, "operation", "'dbt and normalization' is declared"),
    ({"webhoook": {}}, "webhoook", "did you mean 'webhook'?"),
    ({"webhook": {}}, "webhook.webhook_config_id", "a webhook needs it"),
    ({"webhook": "now"}, "webhook", "'now' is not a mapping"),
    ({"webhook": WEBHOOK | {"webhook_config_id": "x"}}, "webhook.webhook_config_id", "is not an id of Airbyte's"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": 0, "job_id": 1}}}, ACCOUNT, "0 is not a"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": True, "job_id": 1}}}, ACCOUNT, "True is"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": 1, "job": 1}}}, "webhook.dbt_cloud.job", "mean 'job_id'"),
    ({"webhook": WEBHOOK | {"execution_body": "{}"}}, "webhook.execution_body", "declare dbt_cloud"),
    ({"dbt": {}}, "dbt.git_repo_url", "dbt needs a repository"),
    ({"dbt": {"git_repo_url": "a\nb"}}, "dbt.git_repo_url", "control character"),
    ({"normalization": {"option": "full"}}, "normalization.option", "use 'basic'"),
    ({"normalization": {"options": "basic"}}, "normalization.options", "it has option alone"),
]  # fmt: skip


@pytest.mark.parametrize(("mapping", "path", "words"), MISTAKES)
def test_mistakes_name_their_path(mapping: Any, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        configuration_of(mapping, "")
    assert caught.value.path == path
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("operations", "path", "words"),
    [
        ("dbt", "operations", "is not a list of operations"),
        ([{"normalization": {}}], "operations[0].name", "every operation needs a name"),
        ([{"name": "", "normalization": {}}], "operations[0].name", "is empty"),
        ([{"name": "a", "normalization": {}}] * 2, "operations[1].name", "'a' is declared twice"),
        ([{"name": "a"}], "operations[0]", "'nothing' is declared"),
        ({"a": "webhook nonsense"}, 'operations["a"]', "is not a line of an operation"),
        ({"a": "webhook config=x account=y job=1"}, 'operations["a"].webhook', "is not"),
    ],
)
def test_mistakes_in_a_connection_s_operations_name_their_path(operations: Any, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        lines_of(operations, "operations")
    assert caught.value.path.startswith(path)
    assert words in str(caught.value)
