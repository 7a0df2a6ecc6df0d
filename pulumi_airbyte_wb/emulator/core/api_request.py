"""A request of the API, apart from the way in which it came."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ApiRequest:
    """One request; ``path`` is what follows ``/api/v1/``, and the names of headers are in lower case."""

    path: str
    method: str
    headers: dict[str, str]
    body: bytes
