"""The names of inputs, where they are needed without what reads them."""

PLANNED = "planned"
"""The plan, as ``plan.codec`` writes it."""

CONTROL = (
    *("adopt", "allow_replace", "on_delete", "on_remove", "resets", "schema_changes", "server"),
    "with_refreshed_catalog",
)
"""Inputs that say how to work, not what to declare."""

LASTING = tuple(name for name in CONTROL if name not in {"adopt", "allow_replace"})
"""Those of them that are recorded: a refresh and a delete work by them."""

DERIVED = ("patterns", "memory")
"""Inputs that are made from what a program declares, and are as secret as that is."""

SECRET = ("secret_inputs", "secret_streams")
"""Inputs in which the resource class says what is secret."""

COMPUTED = (PLANNED, "recorded", "memory", "resource_urn", "control", *SECRET, "__provider")
"""Inputs of a ``Connection`` or ``Catalog`` that the provider, the resource class or the engine fills in."""

OPERATION = ("workspace_id", "webhook", "dbt", "normalization", "name", "server")
"""Every input of an ``Operation`` that a program may give."""

OPERATION_COMPUTED = ("recorded", "resource_urn", "secret_inputs", "__provider")
"""Inputs of an ``Operation`` that the provider, the resource class or the engine fills in."""
