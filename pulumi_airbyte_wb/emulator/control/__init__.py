"""What the real server has no call for: control from Python, the control API over HTTP, and the page for people."""
