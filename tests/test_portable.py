"""Every module can be imported on a system without POSIX: its modules and functions are missing there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

CHILD = """
import importlib, importlib.util, json, os, pkgutil, sys

MODULES = ("resource", "fcntl", "pwd", "grp", "termios")
FUNCTIONS = (
    "register_at_fork", "sched_getaffinity", "fork", "forkpty", "killpg", "getuid", "geteuid", "getpgid", "setpgid",
    "setsid", "sysconf", "statvfs", "pread", "posix_fadvise", "posix_fallocate", "memfd_create", "mkfifo", "nice",
    "getloadavg", "uname", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "MFD_CLOEXEC",
)

# Libraries of other projects are imported first: on such a system they are built for it.
for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except ImportError:
        pass
import signal

for name in FUNCTIONS:
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1", "SIGXCPU", "alarm", "setitimer"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in MODULES:
    sys.modules[name] = None

failures = {}
for package in ("auxjepa", "auxjepa_review"):
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, package + "."):
        if module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except Exception as error:
            failures[module.name] = f"{type(error).__name__}: {error}"
print(json.dumps(failures))
"""
# fmt: off
LIBRARIES = (
    "av", "filelock", "httpx2", "jaxtyping", "jinja2", "loky", "matplotlib.figure", "numpy", "PIL.Image",
    "pydantic", "pypdfium2", "rich.console", "rich.progress", "safetensors.torch", "scipy.stats", "torch",
    "torch.optim.swa_utils", "torch.utils._python_dispatch", "torch.utils._pytree", "transformers",
    "yaml", "multiprocessing.connection", "sqlite3", "ssl", "subprocess", "tempfile", "urllib.request",
)
# fmt: on


@pytest.mark.slow
def test_every_module_can_be_imported_without_posix() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD, json.dumps(LIBRARIES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    failures = json.loads(done.stdout.splitlines()[-1])
    assert not failures, "\n".join(f"{name}: {why}" for name, why in failures.items())
