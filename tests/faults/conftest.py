"""The fixtures of the tests with the real engine."""

from tests.main_job.conftest import projects, server

__all__ = ["projects", "server"]
