"""Plans as values: declared, recorded and live configuration go in, effects with codes and reasons come out."""

from pulumi_airbyte_wb.plan.changes import Change, Kind, changes
from pulumi_airbyte_wb.plan.decide import decide
from pulumi_airbyte_wb.plan.declaration import Declaration, Reading, read_inputs
from pulumi_airbyte_wb.plan.effects import MEANING, Action, Effect, Row
from pulumi_airbyte_wb.plan.facts import Earlier, Facts
from pulumi_airbyte_wb.plan.fields import FIELDS, Field
from pulumi_airbyte_wb.plan.notes import Ordered
from pulumi_airbyte_wb.plan.plan import WHOLE, Plan, Step, announced_actions, build_plan, explain, guard
from pulumi_airbyte_wb.plan.record import pack, unpack
from pulumi_airbyte_wb.plan.resets import AfterClear, Family, OnRemove, Policy, Resets, Running, SchemaChanges, Wait
from pulumi_airbyte_wb.plan.table import TABLE

__all__ = [
    "FIELDS",
    "MEANING",
    "TABLE",
    "WHOLE",
    "Action",
    "AfterClear",
    "Change",
    "Declaration",
    "Earlier",
    "Effect",
    "Facts",
    "Family",
    "Field",
    "Kind",
    "OnRemove",
    "Ordered",
    "Plan",
    "Policy",
    "Reading",
    "Resets",
    "Row",
    "Running",
    "SchemaChanges",
    "Step",
    "Wait",
    "announced_actions",
    "build_plan",
    "changes",
    "decide",
    "explain",
    "guard",
    "pack",
    "read_inputs",
    "unpack",
]
