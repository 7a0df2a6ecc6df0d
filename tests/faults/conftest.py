"""The projects of the tests with the real engine."""

from tests.main_job.conftest import projects

__all__ = ["projects"]
