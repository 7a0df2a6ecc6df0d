"""What becomes of a resource: checked, compared, created, read, updated, deleted; nothing here knows Pulumi."""
