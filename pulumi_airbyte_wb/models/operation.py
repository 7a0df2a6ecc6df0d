"""Operations: what happens after a sync (semantics §8)."""

from __future__ import annotations

from pulumi_airbyte_wb.models.base import ReadModel, WriteModel


class DbtCloudJob(ReadModel):
    """A job of dbt Cloud, by the numbers in its address."""

    account_id: int
    job_id: int


class WebhookOperator(ReadModel):
    """A call after the sync; servers only ever read back runs of dbt Cloud jobs (semantics §8.4)."""

    webhook_config_id: str | None = None
    webhook_type: str | None = None
    dbt_cloud: DbtCloudJob | None = None
    execution_url: str | None = None
    execution_body: str | None = None


class DbtOperator(ReadModel):
    """A dbt project that is run after the sync (server up to 0.63.4)."""

    git_repo_url: str
    git_repo_branch: str | None = None
    docker_image: str | None = None
    dbt_arguments: str | None = None


class NormalizationOperator(ReadModel):
    """Airbyte's own normalization (server up to 0.63.4)."""

    option: str | None = None


class OperatorConfiguration(ReadModel):
    """What an operation does: the object that ``operator_type`` names."""

    operator_type: str
    normalization: NormalizationOperator | None = None
    dbt: DbtOperator | None = None
    webhook: WebhookOperator | None = None


class OperationRead(ReadModel):
    """The answer of ``operations/{create,get,update}``."""

    operation_id: str
    workspace_id: str
    name: str
    operator_configuration: OperatorConfiguration


class OperationCreate(WriteModel):
    """The request of ``operations/create``."""

    workspace_id: str
    name: str
    operator_configuration: OperatorConfiguration


class OperationUpdate(WriteModel):
    """The request of ``operations/update``: name and configuration are replaced."""

    operation_id: str
    name: str
    operator_configuration: OperatorConfiguration


class InlineOperation(WriteModel):
    """One operation inside ``web_backend/connections/{create,update}``.

    An update changes the attached operation of that id; without an id, or with one that is not attached to this
    connection, the server makes a new one (semantics §8.1). A create has no place for an id.
    """

    workspace_id: str
    name: str
    operator_configuration: OperatorConfiguration
    operation_id: str | None = None
