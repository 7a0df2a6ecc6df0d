"""The server itself: its world, versions, store, clock, failures, and what every part looks up in them."""
