"""`python -m tools.pulumi`."""

import sys

from tools.pulumi.command_line import main

sys.exit(main())
