"""What is remembered of a resource between two runs, and how state keeps it."""
