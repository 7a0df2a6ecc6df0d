"""`python -m tools.docs`."""

from tools.docs import PAGE, page

PAGE.write_text(page())
