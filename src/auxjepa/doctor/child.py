"""The process that does the checks: it says what each one found, and may die of any of them."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path

from auxjepa.doctor.check import Probe, Settings, attempt


def work() -> None:
    """Do the checks that ``sys.argv[1]`` names, and write what each one found as a JSON line to standard output.

    Libraries that write there themselves are led to standard error.
    """
    asked = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    settings = Settings(root=Path(asked["root"]), scratch=Path(asked["scratch"]), quick=asked["quick"])
    probes: dict[str, Probe] = {probe.name: probe for probe in import_module(asked["module"]).PROBES}
    for name in asked["names"]:
        found = attempt(probes[name], settings)
        answers.write(json.dumps([check.model_dump(mode="json") for check in found]) + "\n")
        answers.flush()
