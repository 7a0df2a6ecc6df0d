"""What the Makefile runs: the Pulumi CLI, the demo and the benchmarks. None of it is part of the Python package."""
