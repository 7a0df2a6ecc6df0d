"""The files of a small project with one dynamic resource."""

# Importable, so that the state holds a reference to the class and not the class.
PROVIDER = """
import os
import time
from pathlib import Path
from pulumi import dynamic


class Provider(dynamic.ResourceProvider):
    serialize_as_secret_always = False

    def configure(self, request):
        self.secret = request.config.get("secret")

    def create(self, props):
        Path("creating").touch()
        time.sleep(float(props["seconds"]))
        python = os.environ.get("VIRTUAL_ENV", "")
        return dynamic.CreateResult("an-id", {**props, "python": python, "seen": self.secret})

    def diff(self, id, olds, news):
        return dynamic.DiffResult(changes=olds["value"] != news["value"])

    def update(self, id, olds, news):
        return dynamic.UpdateResult({**olds, **news})

    def read(self, id, props):
        live = Path("live")
        return dynamic.ReadResult(id, {**props, "value": live.read_text()} if live.exists() else props)

    def delete(self, id, props):
        Path("deleted").touch()


class Thing(dynamic.Resource, module="test", name="Thing"):
    def __init__(self, name, value, seconds=0):
        super().__init__(Provider(), name, {"value": value, "seconds": seconds, "python": None, "seen": None})
"""

PROGRAM = """
import pulumi
from provider import Thing

config = pulumi.Config()
thing = Thing("thing", config.get("value") or "one", config.get_float("seconds") or 0)
"""

COMPONENT_PROGRAM = """
import pulumi

greeter = pulumi.ComponentResource("greet:index:Greeter", "greeter", {"who": "you", "text": None}, remote=True)
pulumi.export("text", greeter.text)
"""

COMPONENT_PLUGIN = """
from typing import Optional, TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class Args(TypedDict):
    who: pulumi.Input[str]


class Greeter(pulumi.ComponentResource):
    text: pulumi.Output[str]

    def __init__(self, name: str, args: Args, opts: Optional[pulumi.ResourceOptions] = None):
        super().__init__("greet:index:Greeter", name, {}, opts)
        self.text = pulumi.Output.concat("hello ", args["who"])
        self.register_outputs({"text": self.text})


component_provider_host(name="greet", components=[Greeter])
"""

POLICY_PACK = """
import pulumi
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def forbidden(args, report_violation):
    if args.props.get("value") == pulumi.Config().require("forbidden"):
        report_violation(f"not in {pulumi.get_stack()}")


PolicyPack(
    "pack",
    policies=[
        ResourceValidationPolicy(
            name="no-forbidden-value",
            description="The value that the stack forbids.",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=forbidden,
        )
    ],
)
"""
