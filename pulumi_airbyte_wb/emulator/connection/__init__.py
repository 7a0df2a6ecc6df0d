"""A connection: its row, schedule, sync state and operations, and what a changed schema does to it."""
