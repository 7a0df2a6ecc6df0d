"""``python -m pulumi_airbyte_wb``: the same as ``airbyte-wb``."""

from pulumi_airbyte_wb.cli import main

main()
