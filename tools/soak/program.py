"""A program that changes: what is declared of each resource, and how a person changes it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pulumi_airbyte_wb.providers.catalog import CatalogProvider
from tools.builtin_world import SHOP, WAREHOUSE
from tools.engine import Resource, Values
from tools.faults.operations import EVENTS, ORDERS, USERS, USERS_BY_REGION, webhook

COUNTRIES = "full_refresh_overwrite"
CHOICES = {
    "public.users": (None, USERS, USERS_BY_REGION),
    "public.events": (None, EVENTS, "full_refresh_append"),
    "public.orders": (None, ORDERS, "full_refresh_append"),
    "public.dim_country": (None, COUNTRIES),
}
SCHEDULES = ("manual", "cron 0 0 6 * * ? UTC", "cron 0 30 5 * * ? Europe/Berlin")


@dataclass
class Declared:
    """One resource of the program.

    Attributes:
        resource: its state.
        inputs: what is declared of it.
        under: the connection that a catalog is of.
        gone: whether the program has dropped it.
        settled: whether its last ``up`` went through.
    """

    resource: Resource
    inputs: Values
    under: Declared | None = None
    gone: bool = False
    settled: bool = False

    def values(self) -> Values:
        """The inputs, with the id of the connection that it belongs to."""
        return {**self.inputs, "connection_id": self.under.resource.id} if self.under else self.inputs


class Program:
    """So many resources, most of them connections, the others catalogs of connections that leave their streams to them.

    Args:
        size: how many.
        draw: what chooses.
    """

    def __init__(self, size: int, draw: random.Random) -> None:
        self._draw = draw
        self._made = 0
        self.resources: list[Declared] = []
        while len(self.resources) < size:
            self.resources += self._new()

    def change(self) -> int:
        """Change some resources, take a few out, and put as many in; answers how many are touched.

        What failed stays as it is until it went through. Nothing knows that a run which failed has added a stream or an
        operation: where the program has dropped it by the next run, it is another person's, and stays.
        """
        touched = 0
        for each in list(self.resources):
            if not each.settled or each.gone:
                touched += 1
                continue
            roll = self._draw.random()
            if roll < 0.02 and not self._carries(each) and each.under is None:
                each.gone = True
                self.resources += self._new()[:1]
            elif roll < 0.25:
                self._change(each)
            else:
                continue
            touched += 1
        return touched

    def forget(self, each: Declared) -> None:
        """Take a resource out for good, once it is destroyed."""
        self.resources.remove(each)

    def _carries(self, each: Declared) -> bool:
        return any(other.under is each for other in self.resources)

    def _new(self) -> list[Declared]:
        self._made += 1
        name, prefix = f"c{self._made}", f"c{self._made}_"
        base: Values = {
            "source_id": SHOP,
            "destination_id": WAREHOUSE,
            "schedule": self._draw.choice(SCHEDULES),
            "prefix": prefix,
            "resets": {"default": "reset"},
        }
        connection = Declared(Resource(name), base)
        if self._draw.random() < 0.8:
            base["streams"] = self._streams()
            base["operations"] = self._operations()
            return [connection]
        base["streams"] = {"public.orders": ORDERS}
        streams = {"public.users": USERS, "public.events": EVENTS}
        catalog: Values = {"streams": streams, "resets": {"default": "reset"}}
        del base["streams"]
        return [connection, Declared(Resource(f"{name}-streams", CatalogProvider), catalog, under=connection)]

    def _streams(self) -> dict[str, str]:
        chosen = {stream: self._draw.choice(lines) for stream, lines in CHOICES.items()}
        return {stream: line for stream, line in chosen.items() if line} or {"public.orders": ORDERS}

    def _operations(self) -> list[Values]:
        names = [name for name in ("one", "two", "three") if self._draw.random() < 0.3]
        return [webhook(name, self._draw.randrange(1, 9)) for name in names]

    def _change(self, each: Declared) -> None:
        if each.under is not None:
            each.inputs["streams"] = {
                **each.inputs["streams"],
                "public.users": self._draw.choice(CHOICES["public.users"][1:]),
            }
            return
        what = self._draw.choice(("schedule", "name", "streams", "operations"))
        if what == "schedule":
            each.inputs["schedule"] = self._draw.choice(SCHEDULES)
        elif what == "name":
            each.inputs["name"] = f"{each.resource.name} {self._draw.randrange(1000)}"
        elif what == "operations":
            each.inputs["operations"] = self._operations()
        elif "streams" in each.inputs:
            each.inputs["streams"] = self._streams()
