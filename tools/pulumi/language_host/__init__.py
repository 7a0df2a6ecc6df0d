"""A Python language host for a Pulumi CLI that was built from Go modules.

It runs programs and policy packs and nothing else: it installs nothing and generates no code. Users of the official
CLI have Pulumi's own host.
"""
