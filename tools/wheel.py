"""What the wheel holds beside the package: the files that ``airbyte-wb docs`` and ``airbyte-wb examples`` give out."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CarriedFiles(BuildHookInterface[Any]):
    """Puts pages and examples into the package; an editable install finds those of the repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"] |= {
                name: f"pulumi_airbyte_wb/{name}" for name in ("README.md", "docs", "examples")
            }
