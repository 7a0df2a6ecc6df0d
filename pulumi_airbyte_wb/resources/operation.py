"""The ``Operation`` resource, and operations as connections declare them."""

from __future__ import annotations

from typing import Any, Literal, Never, NotRequired, TypedDict

from pulumi import CustomResource, Input, Output, ResourceOptions

from pulumi_airbyte_wb.providers.operation import OperationProvider
from pulumi_airbyte_wb.resources.mocks import answer_outputs
from pulumi_airbyte_wb.resources.program import refuse_unknown
from pulumi_airbyte_wb.resources.properties import properties
from pulumi_airbyte_wb.spec.input_names import OPERATION, OPERATION_COMPUTED


class DbtCloudJobArgsDict(TypedDict):
    """A job of dbt Cloud, by the numbers in its address ``…/accounts/ACCOUNT_ID/jobs/JOB_ID``."""

    account_id: Input[int]
    job_id: Input[int]


class WebhookArgsDict(TypedDict):
    """A run of a dbt Cloud job, with the credentials that the workspace keeps under ``webhook_config_id``."""

    webhook_config_id: Input[str]
    dbt_cloud: Input[DbtCloudJobArgsDict]


class DbtArgsDict(TypedDict):
    """A dbt project that is run after the sync (server up to 0.63.4)."""

    git_repo_url: Input[str]
    git_repo_branch: NotRequired[Input[str]]
    docker_image: NotRequired[Input[str]]
    dbt_arguments: NotRequired[Input[str]]


class NormalizationArgsDict(TypedDict):
    """Airbyte's own normalization (server up to 0.63.4)."""

    option: NotRequired[Literal["basic"]]


class OperationArgsDict(TypedDict):
    """An operation of a connection's own: a name, and one of the three things that it can do."""

    name: Input[str]
    webhook: NotRequired[Input[WebhookArgsDict]]
    dbt: NotRequired[Input[DbtArgsDict]]
    normalization: NotRequired[Input[NormalizationArgsDict]]


TYPE = "pulumi-python:dynamic/airbyte:Operation"
"""The type token, which policy packs and state know."""


class Operation(CustomResource):
    """Something that happens after the syncs of every connection that it is attached to.

    Attach it with ``Connection(operation_ids=[operation.id])``; a connection's own operations are its ``operations``.
    Deleting it detaches it from all of them::

        dbt = airbyte.Operation(
            "dbt",
            workspace_id=shop.workspace_id,
            webhook={"webhook_config_id": CONFIG_ID, "dbt_cloud": {"account_id": 1, "job_id": 2}},
        )

    A server answers for a deleted operation as if it were there, so a refresh cannot see that one was deleted; the
    connection that attaches it says so. No call lists operations that are attached to nothing, so one whose creation's
    answer was lost stays behind; it runs nowhere.

    Args:
        resource_name: the name of the Pulumi resource; also the operation's name where ``name`` is left out.
        workspace_id: the workspace of the connections that use it. Changing it replaces the operation.
        webhook: run a dbt Cloud job.
        dbt: run a dbt project (server up to 0.63.4).
        normalization: run Airbyte's normalization (server up to 0.63.4).
        name: the operation's name.
        server: the name of a further server of the stack's config (``airbyte-wb:NAME.url``).
        opts: the usual resource options.

    Raises:
        ProgramError: an argument does not exist. Everything else is told by the preview.
    """

    workspace_id: Output[str]
    name: Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: ResourceOptions | None = None,
        *,
        workspace_id: Input[str],
        webhook: Input[WebhookArgsDict] | None = None,
        dbt: Input[DbtArgsDict] | None = None,
        normalization: Input[NormalizationArgsDict] | None = None,
        name: Input[str] | None = None,
        server: str | None = None,
        **unknown: Never,
    ) -> None:
        refuse_unknown(f"Operation({resource_name!r})", unknown, OPERATION)
        declared: dict[str, Any] = {
            "workspace_id": workspace_id,
            "webhook": webhook,
            "dbt": dbt,
            "normalization": normalization,
            "name": name,
            "server": server,
        }
        bag = properties(resource_name, TYPE, OperationProvider, declared, ("workspace_id", "name"), opts)
        kept = {*OPERATION, *OPERATION_COMPUTED}
        super().__init__(TYPE, resource_name, {name: value for name, value in bag.items() if name in kept}, opts)
        answer_outputs(self, resource_name)

    @property
    def operation_id(self) -> Output[str]:
        """The id that the server gave the operation; not known in a preview that creates it."""
        return self.id
