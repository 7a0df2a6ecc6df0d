"""The pages and examples of the repository, which travel in the wheel: ``airbyte-wb docs``, ``airbyte-wb examples``."""

from pulumi_airbyte_wb.pages.examples import example_names, write_example
from pulumi_airbyte_wb.pages.reading import page_text, page_titles

__all__ = ["example_names", "page_text", "page_titles", "write_example"]
