"""The process that does the checks and writes their results; a check may end it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

from auxjepa.doctor.check import Probe, Settings, attempt
from auxjepa.processes.child import open_answers


def work() -> None:
    """Do the checks that ``sys.argv[1]`` lists, and write the results of each as a JSON line to standard output."""
    request = json.loads(sys.argv[1])
    answers = open_answers()
    settings = Settings(root=Path(request["root"]), scratch=Path(request["scratch"]), quick=request["quick"])
    probes: dict[str, Probe] = {probe.name: probe for probe in import_module(request["module"]).PROBES}
    for name in request["names"]:
        checks = attempt(probes[name], settings)
        answers.write(json.dumps([check.model_dump(mode="json") for check in checks]) + "\n")
        answers.flush()
