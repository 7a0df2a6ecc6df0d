"""The pages and examples of the repository, which travel in the wheel: ``airbyte-wb docs``, ``airbyte-wb examples``."""

from pulumi_airbyte_wb.pages.examples import example_names, write_example
from pulumi_airbyte_wb.pages.reading import find_page, page_titles

__all__ = ["example_names", "find_page", "page_titles", "write_example"]
