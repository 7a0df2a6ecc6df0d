"""The pinned packages against the published advisories."""
