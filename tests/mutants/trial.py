"""Trying faults: each in a process of its own, forked from one in which the engines are loaded."""

import ast
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import settings

from tests.mutants.faults import Fault

# No fixture of all tests, which load the whole library; no plug-in but what pyproject.toml needs.
_OPTIONS = ("-x", "-q", "--tb=no", "--noconftest", "-p", "no:cacheprovider", "-p", "pytest_socket")
PATIENCE = 10
"""How many times as long as without a fault the tests may take, before they count as failed."""


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module as the fault has it."""

    def __init__(self, fault: Fault) -> None:
        self.name = module_of(fault.file)
        self.file = fault.file
        self.code: CodeType = compile(fault.source, fault.file, "exec")

    def find_spec(self, name, _path, _target=None):
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, Path(self.file).resolve(), loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))  # noqa: S102 - that is what is tried


def module_of(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def passes_in_s(tests: Sequence[str]) -> float:
    """Return how long the tests take without a fault; end here if they do not pass."""
    begun = time.monotonic()
    child = _begin(None, tests, folder := tempfile.mkdtemp())
    _, status = os.waitpid(child, 0)
    shutil.rmtree(folder, ignore_errors=True)
    if status:
        sys.exit(f"without any fault these tests fail: {' '.join(tests)}")
    return time.monotonic() - begun


def load(module: str, tests: Sequence[str]) -> None:
    """Load what the tests need but for the module and what rests on it, which a child loads."""
    os.environ |= {"CI": "true", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    settings.register_profile("mutants", deadline=None, derandomize=True, max_examples=50)
    settings.load_profile("mutants")
    for name in (module, *map(module_of, tests)):
        importlib.import_module(name)
    resting = {module, *map(module_of, tests)}
    imports = {name: _imports(name) for name in sys.modules if name.startswith(("kb", "tests.kb"))}
    while more := {name for name, found in imports.items() if found & resting} - resting:
        resting |= more
    for name in resting:
        sys.modules.pop(name, None)
        package, _, last = name.rpartition(".")
        if package in sys.modules:
            vars(sys.modules[package]).pop(last, None)
    gc.collect()
    gc.freeze()


def _imports(module: str) -> set[str]:
    """Return the modules that one imports, and those of which it may import something."""
    file = sys.modules[module].__file__
    found: set[str] = set()
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))) if file else ():
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{each.name}" for each in node.names)
    return found


def survivors(faults: Sequence[Fault], tests: Sequence[str], at_once: int) -> Iterator[Fault]:
    """Yield the faults with which all the tests pass."""
    most_s = 10 + PATIENCE * passes_in_s(tests)
    left, running = list(reversed(faults)), {}
    while left or running:
        while left and len(running) < at_once:
            fault, folder = left.pop(), tempfile.mkdtemp()
            running[_begin(fault, tests, folder)] = (fault, folder, time.monotonic() + most_s)
        time.sleep(0.02)
        for child, (fault, folder, until) in list(running.items()):
            if time.monotonic() > until:
                os.killpg(child, signal.SIGKILL)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del running[child]
                shutil.rmtree(folder, ignore_errors=True)
                if status == 0:
                    yield fault


def _begin(fault: Fault | None, tests: Sequence[str], folder: str) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        if fault:
            sys.meta_path.insert(0, _Changed(fault))
        code = int(pytest.main([*_OPTIONS, f"--basetemp={folder}/t", *tests]))
    finally:
        os._exit(code)
