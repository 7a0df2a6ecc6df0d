"""One server as it is now: what is asked of it and what is sent to it. No Pulumi."""
