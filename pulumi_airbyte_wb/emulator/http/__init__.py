"""The API over HTTP: requests, answers, callers, faults and the request log (semantics §1, §11, §12)."""
