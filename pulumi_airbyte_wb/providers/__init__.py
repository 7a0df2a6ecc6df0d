"""Pulumi dynamic resource providers: thin, stored by reference in state, everything else done by the layers below."""
