"""The fault matrix: every request of every operation meets every fault, in a real provider process.

``make faults`` runs it; ``python -m tools.faults --help`` says what else there is.
"""
