"""What a change costs, measured side by side: `make bench`."""
