"""A command that can't succeed is refused in one line before anything is made, so that the corrected one works."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.data.errors import CacheError
from auxjepa.yaml_text import dump

SMALL = "--data.clips 8 --data.size 16 --data.frames 4 --optim.batch 4 --optim.steps 2 --log.monitor_every 100"
STUDY = {
    "name": "tiny",
    "variants": ["baseline", "ld"],
    "seeds": [0],
    "benchmarks": ["world_direction"],
    "sizes": {"train": 16, "validation": 8, "test": 16, "epochs": 1},
    "regimes": {"world": {"clips": 16, "frames": 4, "size": 16}},
    "base": {"model": {"position": "sincos"}, "optim": {"steps": 2, "batch": 4}},
}
CONFIRM = {
    **STUDY,
    "phase": "confirm",
    "hypotheses": [
        {"id": "h", "variant": "ld", "claim": "above", "reference": "baseline", "benchmark": "world_direction"}
    ],
}
FILES = {
    "study.yaml": dump(STUDY),
    "confirm.yaml": dump(CONFIRM),
    "device.yaml": "device: cuda\n",
    "study-device.yaml": dump({**STUDY, "device": "cuda"}),
    "unhashable.yaml": "variant: {{7*7}}\n",
    "timestamp.yaml": "seed: !!timestamp 2020\n",
    "cycle.yaml": "objectives: {delta: {args: {foo: &a [*a]}}}\n",
    "empty.yaml": "# nothing\n",
    "list.yaml": "- 1\n",
    "norway.yaml": "optim: {steps: no}\n",
    "true.yaml": "optim: {steps: true}\n",
    "clock.yaml": "optim: {steps: 1:30}\n",
    "octal.yaml": "seed: 010\n",
    "inf.yaml": "optim: {lr: .inf}\n",
    "huge.yaml": f"seed: {10**30}\n",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "file").write_text("a file")
    (tmp_path / "nothing").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("words", "line"),
    [
        *((f"pretrain {SMALL} --out x {flags}", line) for flags, line in (
            ("--device cuda", "device 'cuda' can't be used"),
            ("--device=", "the name of the device is empty"),
            ("--device meta", "no device is called 'meta'"),
            ("--model.levels 4", "4 levels need at least 4 blocks"),
            ("--objectives.delta.args.x 1", "delta has no hyperparameter 'x'"),
            ("--objectives.nosuch.weight 1", "no objective is called 'nosuch'"),
            ("--masks.0.scale 1", "nothing visible or nothing hidden"),
            ("--checkpoint.keep best --checkpoint.metric x", "checkpoint.metric 'x' is never logged"),
            ("--optim.balance cagrad", "needs a package that isn't installed"),
            ("--data.frames 1000000000", "takes 768.0 GB of memory, and this machine has"),
            ("--data.size 1000000", "of memory, and this machine has"),
            ("--data.clips 1000000000", "and their cache take about 7.2 TB, and"),
            ("--optim.steps 100000000000000000000000000", "optim.steps: input should be less than or equal to"),
            ("--optim.steps 1000000000000000", "take about 200.0 PB, and"),
            ("--optim.batch 1000000000", "a step on 1,000,000,000 clips"),
            ("--data.workers 1000000000", "1,000,000,000 worker processes take at least"),
            ("--threads 1000000000", "threads: input should be less than or equal to"),
            ("--objectives.delta.weight 1e308", "objective delta is"),
            ("--data nosuchset", "no data set 'nosuchset'"),
            ("--data folder:nowhere", "no such folder of videos"),
            ("--config device.yaml", "'device' belongs to the command, not to a file: give --device"),
            *((f"--config {name}.yaml", words) for name, words in (
                ("unhashable", "line 1: a key must be a word or a number"),
                ("timestamp", "the tag !!timestamp isn't used here"),
                ("cycle", "an alias is inside the value that it repeats"),
                ("empty", "holds no settings of a run"),
                ("list", "expected keys and values, found list"),
                ("norway", "optim.steps: input should be a valid integer, unable to parse string"),
                ("true", "optim.steps: input should be a number, not true"),
                ("clock", "optim.steps: input should be a valid integer, unable to parse string"),
                ("octal", "line 1: 010 is octal to some programs"),
                ("inf", "optim.lr: input should be a finite number"),
                ("huge", "seed: input should be less than or equal to"),
                ("nosuch", "No such file"),
            )),
        )),
        (f"pretrain {SMALL} --out file", "--out file is a file: name a folder"),
        (f"pretrain {SMALL} --out file/x", "is a file: name a folder"),
        *((f"study run study.yaml --out x {flags}", line) for flags, line in (
            ("--device cuda", "device 'cuda' can't be used"),
            ("--device=", "the name of the device is empty"),
            ("--base.model.levels 4", "baseline on world: model: 4 levels need at least 4 blocks"),
            ("--base.masks.0.scale 1", "baseline on world: mask multiblock"),
            ("--regimes.world.frames 7", "baseline on world: world: clips of 7 frames can't be cut"),
            ("--regimes.world.clips 1000000000", "and their caches take about"),
            ("--sizes.train 1000000000", "and their caches take about"),
            ("--base.optim.steps 1000000000000000", "2 runs with checkpoints of 200.0 PB each"),
            ("--regimes.world.size 1000000", "and their caches take about"),
            ("--workers 1000000", "1,000,000 processes side by side take at least 50.0 TB"),
            ("--regimes mixed", "data sets that the study needs: imagenet100 (not prepared)"),
            ("--regimes [mixed]", "data sets that the study needs: imagenet100 (not prepared)"),
            ("--seeds -1", "seeds.0: input should be greater than or equal to 0"),
            ("--runs file", "--runs file is a file"),
            ("--root file", "--root file is a file"),
        )),
        ("study run study-device.yaml --out x", "'device' belongs to the command, not to a file"),
        ("study register study.yaml --out x", "only a study with phase 'confirm' is registered"),
        ("study register confirm.yaml --out x --device cuda", "device 'cuda' can't be used"),
        ("study register confirm.yaml --out x --base.model.levels 4", "baseline on world: model: 4 levels"),
        ("study plan study.yaml --out x --device meta", "no device is called 'meta'"),
        ("study plan study.yaml --out x --base.model.levels 4", "baseline on world: model: 4 levels"),
        ("study plan study.yaml --out file", "--out file is a file"),
        ("probe nowhere --device cuda --out x.json", "device 'cuda' can't be used"),
        ("probe nowhere --out file/x.json", "is a file: name a folder"),
        ("probe nowhere --out x.json", "no checkpoint here"),
        ("embed nowhere a.mp4 --device cuda --out x.npy", "device 'cuda' can't be used"),
        ("embed nowhere a.mp4 --out file/x.npy", "is a file: name a folder"),
        ("audit ld --device cuda --json-file x.json", "device 'cuda' can't be used"),
        ("audit ld --json-file file/x.json", "is a file: name a folder"),
        ("audit ld --model.levels 3", "model.levels: input should be 1, 2 or 4"),
        ("audit ld --data.frames 1000000000", "of memory, and this machine has"),
        ("masks --out file/x.png", "is a file: name a folder"),
        ("masks --steps 1000000000", "is too large: lower --steps"),
        ("masks --data.frames 7", "clips of 7 frames can't be cut"),
        ("bench data --frames 1000000000", "take 2.4 PB, and this machine has"),
        ("data world x --size 1000000", "even size of 16 to 8,192 pixels, got 1,000,000"),
        ("data world x --frames 1000000000", "frames, got 1,000,000,000"),
        ("data world x --size 1024 --count 1000000000", "of the world"),
        ("data world file", "--out file is a file"),
        ("data prepare nosuch --root . --store x", "no data set is called 'nosuch'"),
        ("data prepare ucf101 --root nowhere --store x", "no such folder: ucf101 can't be read from it"),
        ("data prepare ucf101 --root . --store file", "--store file is a file"),
        ("doctor --quick --out file/x.json", "is a file: name a folder"),
        ("claims verify --json-file file/x.json", "is a file: name a folder"),
        ("evidence grade --json-file file/x.json", "is a file: name a folder"),
        ("review what --out x", "nothing to review"),
        ("review what --corpus . --out file", "--out file is a file"),
        ("review motion --online --sources nosuch --out x", "no source is called 'nosuch'"),
        ("review motion --corpus . --lexicon nosuch.yaml --out x", "nosuch.yaml: No such file"),
        ("report nowhere", "no such study folder"),
        ("report nothing", "no study here (expected study.yaml, rows.jsonl, tuning or runs)"),
        ("masks --optim.batch 1000000000", "1,000,000,000 clips take 122.9 TB of memory"),
        *((f"{command} {flags}", line) for command in (f"pretrain {SMALL} --out x", "masks --out x.png", "audit ld")
          for flags, line in (
            ("--objectives.dleta.weight 1", "no objective is called 'dleta'; did you mean 'delta'?"),
            ("--objectives.a.name dleta", "no objective is called 'dleta'; did you mean 'delta'?"),
            ("--masks.0.kind causl", "no mask is called 'causl'; did you mean 'causal'?"),
            ("--masks.0.args.strenght 1", "has no setting 'strenght'"),
            ("--regime wrld", "no regime is called 'wrld'; did you mean 'world'?"),
            ("--data uff101", "no data set 'uff101'"),
            ("--data world:motoin", "the world has no 'motoin'; did you mean 'motion'?"),
            ("--threads 5000", "threads: input should be less than or equal to 4096"),
            ("--threads true", "threads: input should be a number, not true"),
            ("--optim.stpes 3", "unknown field 'optim.stpes'; did you mean 'optim.steps'?"),
        )),
        ("audit dl", "no variant is called 'dl'"),
        ("masks --variant fwn", "no variant is called 'fwn'; did you mean 'fwm'?"),
        ("variants diff baseline fwn", "no variant is called 'fwn'; did you mean 'fwm'?"),
        ("variants lst", "no action 'lst'; did you mean 'list'?"),
        *((f"study {action} study.yaml --out x {flags}", line) for action in ("run", "plan") for flags, line in (
            ("--base.masks.0.kind causl", "no mask is called 'causl'"),
            ("--variants baseline fwn", "no variant is called 'fwn'"),
            ("--benchmarks world_ordre", "unknown benchmark 'world_ordre'; did you mean 'world_order'?"),
            ("--regimes wrld", "no regime is called 'wrld'"),
            ("--controls majorty", "did you mean 'majority'?"),
            ("--seedz 1", "unknown field 'seedz'; did you mean 'seeds'?"),
        )),
        ("bench data --source nosuch", "expected 'folder:PATH', got 'nosuch'"),
        ("bench dta", "no action 'dta'; did you mean 'data'?"),
        ("data check ucf", "'ucf'"),
        ("data cache rm abc", "no cache 'abc'"),
        ("data cache verfy", "no action 'verfy'; did you mean 'verify'?"),
        ("data world x --role motoin", "did you mean 'motion'?"),
        ("embed x y.mp4 --role techer --out x.npy", "did you mean 'teacher'?"),
        ("probe x --role techer --out x.json", "did you mean 'teacher'?"),
        ("probe x --benchmarks world_order", "unknown field 'benchmarks'; did you mean 'benchmark'?"),
        ("review motion --corpus . --sources arxv --out x", "no source is called 'arxv'; did you mean 'arxiv'?"),
        ("review motion --corpus . --sources arxiv --out x", "--sources chooses among databases: give --online too"),
        ("claims verify --results publshed", "did you mean 'published'?"),
        ("evidence grade publshed", "did you mean 'published'?"),
        ("doctor --quik --out x.json", "unknown field 'quik'; did you mean 'quick'?"),
        ("report x y", "what is 'y'?"),
    ],
)  # fmt: skip
def test_it_is_one_line_and_nothing_is_made(auxjepa, place: Path, words: str, line: str) -> None:
    before = {path.name for path in place.iterdir()} | {"data"}
    done = auxjepa(*words.split())
    last = done.err.strip().splitlines()[-1]
    assert done.code in (1, 2) and line in last and last.startswith(f"auxjepa {words.split()[0]}: ")
    # The world's clips may have been made by then: they belong to no run.
    assert {path.name for path in place.iterdir()} <= before


@pytest.mark.parametrize("bad", ["--model.levels 4", "--objectives.delta.weight 1e308", "--data folder:nowhere"])
def test_the_corrected_run_works_in_the_same_folder(auxjepa, place: Path, bad: str) -> None:
    words = f"pretrain {SMALL} --out run".split()
    assert auxjepa(*words, *bad.split()).code != 0
    done = auxjepa(*words)
    assert done.code == 0 and done.out == "run\n"


def test_a_folder_of_another_run_is_refused_before_its_clips_are_made(auxjepa, place: Path) -> None:
    assert auxjepa(*f"pretrain {SMALL} --out run".split()).code == 0
    done = auxjepa(*f"pretrain {SMALL} --out run --data.root elsewhere --seed 3".split())
    assert done.code == 1 and "choose another folder" in done.err and not (place / "elsewhere").exists()


@pytest.mark.parametrize("study", ["study", "confirm"])
def test_a_study_that_fails_before_its_first_run_leaves_its_folder_free(
    auxjepa, place: Path, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise CacheError("data", "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("auxjepa.study.run.open_feed", full)
        done = auxjepa("study", "run", f"{study}.yaml", "--out", "out", "--runs", "shared")
    assert done.code == 1 and "the disk is full" in done.err and "registered" not in done.out
    assert not (place / "out").exists()
    done = auxjepa("study", "run", f"{study}.yaml", "--out", "out", "--workers", "1", "--base.optim.lr", "1e-3")
    assert done.code == 0 and (place / "out" / "report.html").exists()
    assert ("registered" in done.out) == (study == "confirm")


def test_a_registration_that_is_refused_leaves_the_folder_of_another_study_alone(auxjepa, place: Path) -> None:
    assert auxjepa("study", "register", "confirm.yaml", "--out", "out").code == 0
    before = {path.name: path.read_bytes() for path in (place / "out").iterdir()}
    assert before.keys() == {"study.yaml", "registration.json"}
    for words in (("register", "confirm.yaml", "--seeds", "5"), ("run", "study.yaml")):
        done = auxjepa("study", *words, "--out", "out")
        assert done.code == 2 and "holds another study" in done.err
    assert before == {path.name: path.read_bytes() for path in (place / "out").iterdir()}


def test_the_world_says_what_it_takes_before_it_is_drawn(auxjepa, place: Path) -> None:
    done = auxjepa(*f"pretrain {SMALL} --out run".split())
    lines = done.err.splitlines()
    place_of_size = next(
        n for n, line in enumerate(lines) if line.startswith("8 files of 4 x 16 x 16 of the world: about")
    )
    assert "are free in data/world/mixture-pretrain-8-4x16-seed0" in lines[place_of_size]
    assert not any("cache of" in line for line in lines[:place_of_size])
