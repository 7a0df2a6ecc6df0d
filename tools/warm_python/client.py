"""What the engine starts in place of Python. It hands its work to the server, and passes on signals and the exit code.

The server's socket lies beside it; before this text stands what comes before its arguments, as `FIRST`. It runs without
`site` and imports built-in modules only: that takes 10 ms.
"""

import _signal  # type: ignore[import-not-found]
import _socket
import marshal
import posix
import sys

_PASSED_ON = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)
_UNBUFFERED = b"PYTHONUNBUFFERED"
_OF_NO_MATTER = (_UNBUFFERED, b"PYTHONDONTWRITEBYTECODE")


def main() -> None:
    """Let the server run the command, or run it here where the server cannot."""
    arguments = [*FIRST, *sys.argv[1:]]  # type: ignore[name-defined] # noqa: F821
    options = [each for each in arguments[:1] if each == "-u"]
    rest = arguments[len(options) :]
    plain = bool(rest) and (rest[0] == "-m" or not rest[0].startswith("-"))
    other_python = any(name.startswith(b"PYTHON") and name not in _OF_NO_MATTER for name in posix.environ)
    if not plain or other_python:
        posix.execv(sys.executable, [sys.executable, *arguments])
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.connect(__file__.rpartition("/")[0] + "/socket")
    unbuffered = bool(options or posix.environ.get(_UNBUFFERED))
    order = marshal.dumps((unbuffered, rest, posix.getcwd(), posix.environ))
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
    connection.sendmsg([len(order).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    for number in _PASSED_ON:
        _signal.signal(number, lambda number, _frame: connection.sendall(bytes([number])))
    connection.sendall(order)
    code = int.from_bytes(connection.recv(4), "big", signed=True)
    if code < 0:
        if -code in _PASSED_ON:
            _signal.signal(-code, _signal.SIG_DFL)
        posix.kill(posix.getpid(), -code)
    posix._exit(code)


main()
