"""What a policy pack or a plugin prints, on its way to the engine."""

import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import IO

from pulumi.runtime.proto import language_pb2


class Output:
    """Collects what a process prints while another thread sends it to the engine."""

    def __init__(self) -> None:
        self._chunks: queue.SimpleQueue[language_pb2.RunPluginResponse | None] = queue.SimpleQueue()

    def write(self, text: bytes) -> None:
        """Sends something to the engine as if the process had printed it on stdout."""
        self._chunks.put(_on_stdout(text))

    def close(self) -> None:
        """Ends the stream."""
        self._chunks.put(None)

    def follow(self, process: subprocess.Popen[bytes]) -> None:
        """Sends all that a process prints, then its exit code, and then ends the stream."""
        errors = self._copy_in_background(process.stderr, _on_stderr)
        self._follow_to_the_end(process, errors)

    def follow_after_first_line(self, process: subprocess.Popen[bytes]) -> bytes:
        """Waits for the first line on stdout and returns it; sends the rest as `follow` does."""
        errors = self._copy_in_background(process.stderr, _on_stderr)
        line = _pipe(process.stdout).readline()
        self._follow_to_the_end(process, errors)
        return line

    def responses(self) -> Iterator[language_pb2.RunPluginResponse]:
        """What to send, until the stream ends."""
        while (chunk := self._chunks.get()) is not None:
            yield chunk

    def _follow_to_the_end(self, process: subprocess.Popen[bytes], errors: threading.Thread) -> None:
        rest = self._copy_in_background(process.stdout, _on_stdout)

        def finish() -> None:
            rest.join()
            errors.join()
            self._chunks.put(language_pb2.RunPluginResponse(exitcode=process.wait()))
            self.close()

        threading.Thread(target=finish, daemon=True).start()

    def _copy_in_background(
        self, pipe: IO[bytes] | None, respond: Callable[[bytes], language_pb2.RunPluginResponse]
    ) -> threading.Thread:
        source = _pipe(pipe)

        def copy() -> None:
            while text := source.read(65536):
                self._chunks.put(respond(text))

        thread = threading.Thread(target=copy, daemon=True)
        thread.start()
        return thread


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the process was started without pipes")
    return pipe


def _on_stdout(text: bytes) -> language_pb2.RunPluginResponse:
    return language_pb2.RunPluginResponse(stdout=text)


def _on_stderr(text: bytes) -> language_pb2.RunPluginResponse:
    return language_pb2.RunPluginResponse(stderr=text)
