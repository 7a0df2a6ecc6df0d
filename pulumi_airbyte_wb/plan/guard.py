"""The guard: a plan held against what the live connection calls for, before anything is sent."""

from __future__ import annotations

from pulumi_airbyte_wb.plan.effects import Action, Effect
from pulumi_airbyte_wb.plan.plan import Obstacle, Plan
from pulumi_airbyte_wb.plan.table import BY_CODE
from pulumi_airbyte_wb.spec.codes import Code


def surprise(planned: Plan, live: Plan) -> Obstacle | None:
    """What the update would do beyond its plan; ``None`` where it would do no more.

    A change of the live connection passes where the plan has the same one, or where it does nothing and loses nothing;
    and nothing greater is done for a stream than was planned for it.
    """
    actions, planned_streams = planned.actions(), planned.by_stream()
    for stream, effects in live.by_stream().items():
        known = planned_streams.get(stream, [])
        for effect in effects:
            if not _harmless(effect) and not any(_covers(each, effect) for each in known):
                return _obstacle(effect)
        action = effects[0].action
        if action > actions.get(stream, Action.NONE):
            return _obstacle(effects[0])
    return None


def _covers(planned: Effect, live: Effect) -> bool:
    if planned.hidden:
        # The digest of a secret value is not kept.
        return planned.kind is live.kind
    return planned.key.covers(live.key)


def _harmless(effect: Effect) -> bool:
    row = BY_CODE.get(effect.code)
    return effect.action is Action.NONE and effect.overruled_by is None and row is not None and row.harmless


def _obstacle(effect: Effect) -> Obstacle:
    return Obstacle(Code.MOVED, (effect.stream.key,), (effect.code.value, effect.action.word))
