"""Jobs: what is queued, what runs, and what it does to states and tables (semantics §9, §13)."""
