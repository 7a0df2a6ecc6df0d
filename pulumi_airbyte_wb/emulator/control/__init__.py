"""What the real server has no call for: the side door in Python, and the control API over HTTP."""
