"""How rows move: sources, the pipeline between, and three destination families (rows.md §1, §2, §6)."""
