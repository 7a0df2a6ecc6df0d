"""What the package on an index holds beside its code: pages, examples, and a README whose links lead somewhere."""

from __future__ import annotations

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

CARRIED = ("README.md", "docs", "examples")


class CarriedFiles(BuildHookInterface[Any]):
    """Puts pages and examples into the wheel; an editable install finds those of the repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"] |= {name: f"pulumi_airbyte_wb/{name}" for name in CARRIED}


class Readme(MetadataHookInterface):
    """Gives an index the README as ``airbyte-wb docs readme`` prints it: there are no files beside it."""

    def update(self, metadata: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from pulumi_airbyte_wb.pages import find_page

        metadata["readme"] = {"content-type": "text/markdown", "text": find_page("readme").text}
