"""Many resources, changed at random under random faults: `make soak`."""
