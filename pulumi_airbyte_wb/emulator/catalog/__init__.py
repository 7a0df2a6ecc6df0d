"""Catalogs as the server treats them: selection, diff, mappers, merges (semantics §3, §6)."""
