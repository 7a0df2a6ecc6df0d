"""How state names a provider class: by reference, as a text that nothing but the class's path decides."""

from __future__ import annotations

import base64


def reference(provider: type) -> str:
    """The ``__provider`` input of a resource: the provider's module and name as a pickle of a few bytes.

    Pulumi's own serialisation gives an equivalent text, but a longer one, which moves with the version of Python and
    costs milliseconds a resource. This one is the same for ever.
    """
    # The opcodes: GLOBAL module, name; EMPTY_TUPLE; NEWOBJ; STOP.
    pickled = f"c{provider.__module__}\n{provider.__qualname__}\n".encode() + b")\x81."
    return base64.b64encode(pickled).decode()
