"""Finds the Pulumi CLI, or makes one in this project's cache folder: `python -m tools.pulumi --help`."""
