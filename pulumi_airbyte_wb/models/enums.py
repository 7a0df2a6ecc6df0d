"""The closed vocabularies of Airbyte's API, with the spelling of the wire.

Each is a ``str`` enum: members compare equal to the API's own words. Servers newer than this package may answer other
words; the models that read keep those as plain strings.
"""

from enum import StrEnum


class SyncMode(StrEnum):
    """How a source reads a stream."""

    FULL_REFRESH = "full_refresh"
    INCREMENTAL = "incremental"


class DestinationSyncMode(StrEnum):
    """How a destination writes a stream.

    ``overwrite_dedup`` exists since server 0.63.11, ``update`` and ``soft_delete`` since 1.8.0.
    """

    OVERWRITE = "overwrite"
    APPEND = "append"
    APPEND_DEDUP = "append_dedup"
    OVERWRITE_DEDUP = "overwrite_dedup"
    UPDATE = "update"
    SOFT_DELETE = "soft_delete"


class ConnectionStatus(StrEnum):
    """Whether a connection syncs; ``deprecated`` is how the server answers for a deleted one."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEPRECATED = "deprecated"
    LOCKED = "locked"


class NamespaceDefinition(StrEnum):
    """Which namespace the destination tables get."""

    SOURCE = "source"
    DESTINATION = "destination"
    CUSTOM_FORMAT = "customformat"


class ScheduleType(StrEnum):
    """What starts a sync."""

    MANUAL = "manual"
    BASIC = "basic"
    CRON = "cron"


class TimeUnit(StrEnum):
    """The unit of a basic schedule."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class NonBreakingChangesPreference(StrEnum):
    """What the server does when a source's schema changes without breaking the connection (0.44.6 on: all four)."""

    IGNORE = "ignore"
    DISABLE = "disable"
    PROPAGATE_COLUMNS = "propagate_columns"
    PROPAGATE_FULLY = "propagate_fully"


class BackfillPreference(StrEnum):
    """Whether a propagated column is read for old rows too (server 0.50.45 on)."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class StateType(StrEnum):
    """The kind of sync state that a connection holds (``web_backend/state/get_type``)."""

    GLOBAL = "global"
    STREAM = "stream"
    LEGACY = "legacy"
    NOT_SET = "not_set"


class JobConfigType(StrEnum):
    """What a job does. Clears are ``reset_connection``; ``refresh`` exists since 0.57.2."""

    SYNC = "sync"
    RESET_CONNECTION = "reset_connection"
    REFRESH = "refresh"
    CLEAR = "clear"


class JobStatus(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


class RefreshMode(StrEnum):
    """What a refresh does with the rows that are there (server 0.59.0 on)."""

    MERGE = "Merge"
    TRUNCATE = "Truncate"


class OperatorType(StrEnum):
    """What an operation does after a sync."""

    NORMALIZATION = "normalization"
    DBT = "dbt"
    WEBHOOK = "webhook"
