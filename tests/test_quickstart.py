"""The notebook runs: its code cells in order, in an empty folder, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "quickstart.ipynb"


def test_every_cell_runs_and_says_what_the_text_promises(tmp_path: Path) -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4 and not any(cell.get("outputs") for cell in notebook["cells"])
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    (tmp_path / "cells.json").write_text(json.dumps(cells))
    code = (
        "import json; names = {}\n"
        "for cell in json.load(open('cells.json')):\n    exec(compile(cell, '<cell>', 'exec'), names)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "(4, 64) (4, 8, 64)" in lines and "(2, 64)" in lines
    scores = [line.split() for line in lines if line.endswith(" %")]
    assert [words[0] for words in scores] == ["baseline", "random_init", "majority", "chance", "ld"]
    assert (tmp_path / "out" / "scores" / "report.html").stat().st_size > 10_000
