"""The calls that the engine makes to a language host."""
# ruff: noqa: ARG002, N802 - the methods have the names and the arguments of the gRPC calls

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from . import interpreter
from .children import Children
from .output import Output
from .policy_pack import PolicyPack

_ALREADY_REPORTED = 32
"""The exit code by which `pulumi-language-python-exec` says that the engine has the error message."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs Python programs, policy packs and plugins for the engine.

    Args:
        engine: The address of the engine's own gRPC server.
        executor: The path of `pulumi-language-python-exec`.
    """

    def __init__(self, engine: str, executor: Path) -> None:
        self._engine = engine
        self._executor = executor
        self._programs = Children()
        self._plugins = Children()

    def end(self) -> None:
        """Ends everything that runs."""
        self._programs.end_all()
        self._plugins.end_all()

    def Handshake(self, request: language_pb2.LanguageHandshakeRequest, context: Any) -> Any:
        """Takes the address of the engine."""
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Tells the version of the host: that of the Pulumi SDK it is built on."""
        from importlib.metadata import version  # takes a while to import, and few commands ask

        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        """Names no plugin to download: dynamic providers need none."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        """Names no plugin to download: dynamic providers need none."""
        return language_pb2.GetRequiredPluginsResponse()

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        """Lists nothing: `pulumi about` then shows no dependencies."""
        return language_pb2.GetProgramDependenciesResponse()

    def About(self, request: language_pb2.AboutRequest, context: Any) -> Any:
        """Tells which Python would run the program."""
        try:
            python = _interpreter(request.info, os.environ)
        except interpreter.InterpreterError as error:
            return context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        command = [python.python, "-c", "import platform, sys; print(sys.executable, platform.python_version())"]
        result = subprocess.run(command, env=python.environment, capture_output=True, text=True)
        executable, _, release = result.stdout.strip().rpartition(" ")
        return language_pb2.AboutResponse(executable=executable, version=release)

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: Any
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Says that this is left to the user."""
        message = (
            "This language host installs no packages: create the virtual environment with `python3 -m venv` and "
            "install the requirements with its `pip`.\n"
        )
        yield language_pb2.InstallDependenciesResponse(stderr=message.encode())

    def Cancel(self, request: Any, context: Any) -> Any:
        """Ends the program, as the deployment is cancelled."""
        self._programs.end_all()
        return request  # both are empty

    def Run(self, request: language_pb2.RunRequest, context: Any) -> Any:
        """Runs a program to its end."""
        try:
            python = _interpreter(request.info, os.environ)
        except interpreter.InterpreterError as error:
            return language_pb2.RunResponse(error=str(error))
        flags = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "root_directory": request.info.root_directory,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "organization": request.organization,
        }
        command = [python.python, str(self._executor)]
        for name, value in flags.items():
            if value:
                command += [f"--{name}", value]
        command += [request.info.entry_point, *request.args]
        environment = {
            **python.environment,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        try:
            process = self._programs.start(
                command, folder=Path(request.info.program_directory), environment=environment
            )
        except InterruptedError:
            return language_pb2.RunResponse(bail=True)
        context.add_callback(lambda: self._programs.end(process))  # the engine may give up on the call
        code = process.wait()
        self._programs.end(process)
        if code == _ALREADY_REPORTED or self._programs.ending:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=_failure(code))

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: Any
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Runs a policy pack or a plugin to its end."""
        try:
            python = _interpreter(request.info, dict(entry.split("=", 1) for entry in request.env))
        except interpreter.InterpreterError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        program = request.info.program_directory
        output = Output()

        def start(command: Sequence[str], folder: str, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
            process = self._plugins.start(
                [python.python, *command],
                folder=Path(folder),
                environment={**python.environment, **more},
                output=subprocess.PIPE,
            )
            if not context.add_callback(lambda: self._plugins.end(process)):
                self._plugins.end(process)  # the engine has given up on the call already
            return process

        if request.kind == "analyzer":
            command = ["-u", "-m", "pulumi.policy", *request.args, program]
            pack = PolicyPack(lambda environment: start(command, program, environment), output)
            context.add_callback(pack.close)
            context.add_callback(output.close)
            pack.serve()
        else:
            output.follow(start(["-u", program, *request.args], request.pwd, {}))
        yield from output.responses()


def _interpreter(info: language_pb2.ProgramInfo, environment: Mapping[str, str]) -> interpreter.Interpreter:
    virtualenv = info.options.fields["virtualenv"].string_value  # empty if it is not set
    return interpreter.find(virtualenv, Path(info.root_directory), environment)


def _failure(code: int) -> str:
    if code == 0:
        return ""
    if code < 0:
        return f"program was ended by {signal.Signals(-code).name}"
    return f"program exited with non-zero exit code: {code}"
