"""Airbyte connections as code, with Pulumi."""

from pulumi_airbyte_wb._version import __version__

__all__ = ["__version__"]
