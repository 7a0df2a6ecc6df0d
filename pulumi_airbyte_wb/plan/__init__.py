"""Plans as values: declared, recorded and live configuration go in, effects with codes and reasons come out."""

from pulumi_airbyte_wb.plan.build import build_plan
from pulumi_airbyte_wb.plan.changes import Change, ChangeKey, Detail, Item, Kind, What, changes
from pulumi_airbyte_wb.plan.codec import decode, encode, planned_of
from pulumi_airbyte_wb.plan.codes import Code
from pulumi_airbyte_wb.plan.decide import decide
from pulumi_airbyte_wb.plan.declaration import Declaration, Reading, read_inputs
from pulumi_airbyte_wb.plan.effects import Action, Effect, Reason, Row, Why
from pulumi_airbyte_wb.plan.explain import explain
from pulumi_airbyte_wb.plan.facts import Earlier, Facts
from pulumi_airbyte_wb.plan.fields import FIELDS, Field
from pulumi_airbyte_wb.plan.guard import surprise
from pulumi_airbyte_wb.plan.notes import Ordered, Required
from pulumi_airbyte_wb.plan.plan import Obstacle, Operation, Plan, Refill, ServerDefault
from pulumi_airbyte_wb.plan.record import pack, unpack
from pulumi_airbyte_wb.plan.resets import AfterClear, Loading, OnRemove, Policy, Resets, Running, SchemaChanges, Wait
from pulumi_airbyte_wb.plan.steps import Step, steps
from pulumi_airbyte_wb.plan.table import TABLE
from pulumi_airbyte_wb.plan.words import MEANING

__all__ = [
    "FIELDS",
    "MEANING",
    "TABLE",
    "Action",
    "AfterClear",
    "Change",
    "ChangeKey",
    "Code",
    "Declaration",
    "Detail",
    "Earlier",
    "Effect",
    "Facts",
    "Field",
    "Item",
    "Kind",
    "Loading",
    "Obstacle",
    "OnRemove",
    "Operation",
    "Ordered",
    "Plan",
    "Policy",
    "Reading",
    "Reason",
    "Refill",
    "Required",
    "Resets",
    "Row",
    "Running",
    "SchemaChanges",
    "ServerDefault",
    "Step",
    "Wait",
    "What",
    "Why",
    "build_plan",
    "changes",
    "decide",
    "decode",
    "encode",
    "explain",
    "pack",
    "planned_of",
    "read_inputs",
    "steps",
    "surprise",
    "unpack",
]
