"""The language host that `tools.pulumi` builds, with the arguments that Python gets for it: ``-I FOLDER ...``."""

import sys

from tools.pulumi.language_host.server import main

del sys.argv[:2]
main()
