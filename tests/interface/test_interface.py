"""The Python interface in a process of its own, as users run it: from a script without a main guard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auxjepa import cli

SMALL = {
    "data": {"source": "folder:clips", "frames": 4, "size": 16, "clips": 30},
    "variant": "ld",
    "optim": {"steps": 3, "batch": 6},
}
STUDY = {
    "name": "small",
    "variants": ["baseline", "ld"],
    "seeds": [0, 1],
    "benchmarks": ["physics_plain"],
    "regimes": {"world": {"clips": 32, "frames": 4, "size": 16}},
    "sizes": {"train": 40, "validation": 20, "test": 30, "epochs": 2},
    "base": {"optim": {"steps": 2, "batch": 8}},
}


def run_script(folder: Path, code: str, *, fails: bool = False) -> tuple[str, str]:
    """Run a script in a folder; return what it prints on standard output and on standard error."""
    (folder / "script.py").write_text(code)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) is fails, done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="session")
def place(videos: Path) -> Path:
    """The folder of the videos, with a run in ``out/mine``, its features in ``f.pt``, and scores in ``scores``."""
    out, _ = run_script(
        videos,
        f"""
import auxjepa, torch
folder = auxjepa.pretrain({SMALL!r}, out="out/mine")
encoder = auxjepa.load("out/mine")
features = encoder.embed(["walk.mp4", "run.mp4"])
tokens = encoder.tokens(["walk.mp4"])
rows = auxjepa.probe("out/mine", data="folder:clips", head="knn", out="scores")
print(folder, tuple(features.shape), tuple(tokens.shape), [row.control for row in rows])
print(sorted(auxjepa.objectives)[0], sorted(auxjepa.variants)[0])
print(auxjepa.rows("scores") == rows)
torch.save(features, "f.pt")
""",
    )
    assert out.splitlines() == [
        f"{Path('out/mine')} (2, 64) (1, 8, 64) [None, 'random_init', 'majority', 'chance']",
        "action ac",
        "True",
    ]
    return videos


def test_the_command_line_gives_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np
    import torch

    monkeypatch.chdir(place)
    assert cli.main(["embed", "out/mine", "walk.mp4", "run.mp4", "--out", "f.npy"]) == 0
    assert np.array_equal(np.load(place / "f.npy"), torch.load(place / "f.pt").numpy())
    assert cli.main(["probe", "out/mine", "--data", "folder:clips", "--head", "knn", "--out", "scores.json"]) == 0
    (record,) = json.loads((place / "scores.json").read_text())
    first = json.loads((place / "scores" / "rows.jsonl").read_text().splitlines()[0])
    assert (
        record["top1"] == first["score"]
        and first["run"] == json.loads((place / "out" / "mine" / "summary.json").read_text())["hash"]
    )
    words = ["pretrain", "--data", "folder:clips", "--data.frames", "4", "--data.size", "16", "--data.clips", "30"]
    words += ["--variant", "ld", "--optim.steps", "3", "--optim.batch", "6", "--out", "out/mine"]
    assert cli.main(words) == 0
    assert "resuming at step 3" in capsys.readouterr().err, "the run of Python is the run of the command line"


def test_nothing_is_printed_without_progress(place: Path) -> None:
    out, err = run_script(
        place,
        f"""
import auxjepa
auxjepa.pretrain({SMALL!r}, out="out/quiet", progress=False)
auxjepa.probe("out/quiet", data="folder:clips", head="knn", controls=False, progress=False)
""",
    )
    assert out == err == ""


def test_a_study_of_a_mapping_writes_rows_and_a_report(tmp_path: Path) -> None:
    out, err = run_script(
        tmp_path,
        f"""
import auxjepa
page = auxjepa.study({STUDY!r}, out="small", workers=1)
again = auxjepa.study({STUDY!r}, out="small", workers=1, progress=False)
rows = auxjepa.rows("small")
print(page == again, page, len([row for row in rows if row.control is None]))
""",
    )
    assert out.splitlines() == [f"True {Path('small/report.html')} 4"] and "# small" in err
    assert "auxjepa.study(..., out='small')" in (tmp_path / "small" / "study.yaml").read_text()
    benchmarks = json.loads((tmp_path / "small" / "benchmarks.json").read_text())
    assert benchmarks["physics_plain"]["marks_each_clip"] is True


MISTAKES = [
    ('auxjepa.load("nowhere")', "CheckpointError: nowhere: no checkpoint here"),
    (
        'auxjepa.load("out/mine", role="predictor")',
        "ConfigError: role must be 'student', 'teacher' or 'random_init'",
    ),
    ('auxjepa.load("out/mine", device="gpu")', "ConfigError: no device is called 'gpu'"),
    ('auxjepa.load("out/mine").embed(3)', "TypeError: videos must be paths or a tensor of clips, got int"),
    ('auxjepa.load("out/mine").embed([])', "ValueError: no videos to embed"),
    ('auxjepa.load("out/mine").embed("none.mp4")', "MissingVideoError: none.mp4: no such file"),
    ('auxjepa.rows("nowhere")', "ConfigError: nowhere: no rows here (rows.jsonl is missing)"),
    ("auxjepa.pretrain(3)", "TypeError: config must be a RunConfig, a mapping or a path, got int"),
    ('auxjepa.pretrain({"variant": "dl"})', "ConfigError: no variant is called 'dl'"),
    ('auxjepa.pretrain({"optim": {"steps": 0}})', "ConfigError: optim.steps: "),
    ('auxjepa.pretrain("none.yaml")', "ConfigError: none.yaml: No such file or directory"),
    ('auxjepa.pretrain({}, out="walk.mp4")', "ConfigError: --out walk.mp4 is a file: name a folder"),
    ('auxjepa.probe("out/mine", head="x")', "ConfigError: head: "),
    ('auxjepa.probe("out/mine", "folder:clips", benchmark="physics")', "ConfigError: give --benchmark or --data"),
    ('auxjepa.probe("out/mine", benchmark="x")', "ConfigError: unknown benchmark 'x'"),
    ('auxjepa.study("quik")', "ConfigError: no preset 'quik'; did you mean 'quick'?"),
    ('auxjepa.study("quick", scale="x")', "ConfigError: quick has no scale 'x'"),
    ('auxjepa.study({"name": "x"})', "ConfigError: x: variants: "),
    ("auxjepa.study(3)", "TypeError: config must be a name, a path, a mapping or a StudyConfig, got int"),
]


@pytest.fixture(scope="session")
def answers(place: Path) -> list[str]:
    """The exception of each mistake, one line each; all in one process."""
    calls = [call for call, _ in MISTAKES]
    out, _ = run_script(
        place,
        f"""
import auxjepa, json
answers = []
for call in {calls!r}:
    try:
        eval(call)
        answers.append("nothing")
    except Exception as error:
        answers.append(f"{{type(error).__name__}}: {{error}}")
print(json.dumps(answers))
""",
    )
    return json.loads(out)


@pytest.mark.parametrize(("number", "words"), [(n, words) for n, (_, words) in enumerate(MISTAKES)])
def test_mistakes_are_ordinary_exceptions_of_one_line(answers: list[str], number: int, words: str) -> None:
    assert answers[number].startswith(words) and "\n" not in answers[number]


def test_the_answer_is_printed_without_the_backslashes_of_markdown() -> None:
    from auxjepa.interface.studies import _unescape

    assert _unescape(r"+4.2 \[+0.6, +7.8\] of **ld\_only**, a\b") == r"+4.2 [+0.6, +7.8] of **ld_only**, a\b"
