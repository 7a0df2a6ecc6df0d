"""Plans as values: declared, recorded and live configuration go in, effects with codes and reasons come out."""

from pulumi_airbyte_wb.plan.build import build_plan
from pulumi_airbyte_wb.plan.codec import decode, encode, planned_of
from pulumi_airbyte_wb.plan.decide import decide
from pulumi_airbyte_wb.plan.effects import Action, Effect, Reason, Row, Why
from pulumi_airbyte_wb.plan.explain import explain
from pulumi_airbyte_wb.plan.facts import Earlier, Facts
from pulumi_airbyte_wb.plan.guard import surprise
from pulumi_airbyte_wb.plan.plan import Obstacle, Operation, Plan, Refill, ServerDefault
from pulumi_airbyte_wb.plan.steps import Step, steps
from pulumi_airbyte_wb.plan.table import TABLE
from pulumi_airbyte_wb.plan.words import MEANING

__all__ = [
    "MEANING",
    "TABLE",
    "Action",
    "Earlier",
    "Effect",
    "Facts",
    "Obstacle",
    "Operation",
    "Plan",
    "Reason",
    "Refill",
    "Row",
    "ServerDefault",
    "Step",
    "Why",
    "build_plan",
    "decide",
    "decode",
    "encode",
    "explain",
    "planned_of",
    "steps",
    "surprise",
]
