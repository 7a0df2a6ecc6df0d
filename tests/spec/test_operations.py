"""Operations as mappings and as lines: the same thing both ways, and every mistake one sentence with its path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_airbyte_wb.errors import DeclarationError
from pulumi_airbyte_wb.models import OperationRead, OperatorConfiguration
from pulumi_airbyte_wb.spec.operations import configuration_of, declared, line_of, lines_of, live_lines, parse_line
from tools.builtin_world import CONFIG

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=20)
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


@pytest.mark.parametrize(
    ("configuration", "mapping", "line"),
    [
        ({"operatorType": "normalization"}, {"normalization": {"option": "basic"}}, "normalization"),
        ({"operatorType": "dbt"}, {"dbt": {}}, "dbt"),
        ({"operatorType": "webhook"}, {"webhook": {}}, "webhook"),
        ({"operatorType": "webhook", "webhook": {"webhookConfigId": CONFIG}}, {"webhook": {}}, "webhook"),
        (
            {
                "operatorType": "webhook",
                "dbt": {"gitRepoUrl": "u"},
                "webhook": {"dbtCloud": {"accountId": 1, "jobId": 2}},
            },
            {"webhook": {"webhook_config_id": None, "dbt_cloud": {"account_id": 1, "job_id": 2}}},
            "webhook account=1 job=2",
        ),
        (
            {"operatorType": "dbt", "dbt": {"gitRepoUrl": "u"}, "webhook": {"dbtCloud": {"accountId": 1, "jobId": 2}}},
            {"dbt": {"git_repo_url": "u"}},
            "dbt repo=u",
        ),
        (
            {
                "operatorType": "normalization",
                "dbt": {"gitRepoUrl": "u"},
                "webhook": {"dbtCloud": {"accountId": 1, "jobId": 2}},
            },
            {"normalization": {"option": "basic"}},
            "normalization",
        ),
    ],
)
def test_of_a_live_operation_only_what_it_does_counts(configuration: Any, mapping: Any, line: str) -> None:
    live = OperatorConfiguration.model_validate(configuration)
    assert declared(live) == mapping
    assert line_of(live) == line


def test_what_is_null_is_not_declared() -> None:
    dbt = {"git_repo_url": "u", "git_repo_branch": None}
    assert line_of(configuration_of({"dbt": dbt, "webhook": None}, "")) == "dbt repo=u"


@pytest.mark.parametrize("normalization", [True, "basic", {}, {"option": "basic"}])
def test_normalization_has_one_form(normalization: object) -> None:
    assert line_of(configuration_of({"normalization": normalization}, "")) == "normalization"


def test_a_value_with_a_space_or_a_quote_stands_in_quotes() -> None:
    dbt = {"git_repo_url": "u", "docker_image": 'a"b', "dbt_arguments": "run -x"}
    line = line_of(configuration_of({"dbt": dbt}, ""))
    assert line == 'dbt repo=u image="a\\"b" args="run -x"'
    assert declared(parse_line(line, "x")) == {"dbt": dbt}


def test_the_largest_number_that_servers_can_hold() -> None:
    cloud = {"account_id": 2**63 - 1, "job_id": 1}
    mapping = {"webhook": {"webhook_config_id": CONFIG, "dbt_cloud": cloud}}
    assert declared(configuration_of(mapping, "")) == mapping


def test_a_text_of_dbt_may_be_longer_than_a_name() -> None:
    mapping = {"dbt": {"git_repo_url": "u", "dbt_arguments": "x" * 10_000}}
    assert declared(configuration_of(mapping, "")) == mapping


WEBHOOK = {"webhook_config_id": CONFIG, "dbt_cloud": {"account_id": 1, "job_id": 1}}
ACCOUNT = "webhook.dbt_cloud.account_id"
MISTAKES: list[tuple[Any, str, str]] = [
    ({}, "operation", "declare one of normalization, dbt, webhook"),
    ({"dbt": {"git_repo_url": "u"}, "normalization": {}}, "operation", "'dbt and normalization' is declared"),
    ({"webhoook": {}}, "webhoook", "did you mean 'webhook'?"),
    ({"zzz": {}}, "zzz", "is not a kind of operation; use one of normalization, dbt, webhook"),
    (7, "operation", "is not a mapping; write {name: value, …}"),
    ({"webhook": {}}, "webhook.webhook_config_id", "a webhook needs it"),
    ({"webhook": "now"}, "webhook", "'now' is not a mapping"),
    ({"webhook": WEBHOOK | {"webhook_config_id": "x"}}, "webhook.webhook_config_id", "is not an id of Airbyte's"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": 0, "job_id": 1}}}, ACCOUNT, "0 is not a"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": True, "job_id": 1}}}, ACCOUNT, "True is"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": 2**63, "job_id": 1}}}, ACCOUNT, "is not a number of dbt"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": 1.5, "job_id": 1}}}, ACCOUNT, "1.5 is not a number"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": "1", "job_id": 1}}}, ACCOUNT, "'1' is not a number"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"job_id": 1}}}, ACCOUNT, "None is not a number"),
    ({"webhook": WEBHOOK | {"dbt_cloud": None}}, "webhook.dbt_cloud", "write {'account_id': …, 'job_id': …}"),
    ({"webhook": WEBHOOK | {"dbt_cloud": 7}}, "webhook.dbt_cloud", "is not a mapping"),
    ({"webhook": WEBHOOK | {"zzz": 7}}, "webhook.zzz", "is not a property here; use webhook_config_id, dbt_cloud"),
    ({"webhook": WEBHOOK | {"dbt_cloud": {"account_id": 1, "job": 1}}}, "webhook.dbt_cloud.job", "mean 'job_id'"),
    ({"webhook": WEBHOOK | {"execution_body": "{}"}}, "webhook.execution_body", "declare dbt_cloud"),
    ({"dbt": {}}, "dbt.git_repo_url", "dbt needs a repository"),
    ({"dbt": {"git_repo_url": "a\nb"}}, "dbt.git_repo_url", "control character"),
    ({"dbt": {"git_repo_url": "u", "zzz": "x"}}, "dbt.zzz", "use git_repo_url, git_repo_branch"),
    ({"dbt": {"git_repo_url": ""}}, "dbt.git_repo_url", "dbt needs a repository"),
    ({"normalization": False}, "normalization", "is not a mapping"),
    ({"normalization": {"option": "full"}}, "normalization.option", "use 'basic'"),
    ({"normalization": {"options": "basic"}}, "normalization.options", "its only property is option"),
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
        (7, "operations", "is not a list of operations"),
        (["dbt"], "operations[0]", "is not a mapping; write {'name': …, 'webhook': {…}}"),
        ({"": "normalization"}, 'operations[""].name', "is empty"),
        ({"a": "dbt repo"}, 'operations["a"]', "is not a line of an operation"),
        ({"a": "dbt repo=u zzz=1"}, 'operations["a"].dbt.zzz', "is not a property here"),
        ({"a": "webhook config=x account=1"}, 'operations["a"].webhook.dbt_cloud.job_id', "None is not a number"),
        ({"a": "zzz"}, 'operations["a"].zzz', "is not a kind of operation"),
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
