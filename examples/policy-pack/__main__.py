"""Guards production: the policies of pulumi_airbyte_wb as they come."""

from pulumi_airbyte_wb.policy import pack

pack()
