"""What becomes of a case: it is refused in one line, or accepted and, where it is small, built and trained."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import auxjepa
from auxjepa.cli import pretrain, study
from auxjepa.config import ConfigError, RunConfig
from auxjepa.data.errors import DataError
from auxjepa.data.loading.feed import Feed, Source
from auxjepa.data.loading.mixture import Part
from auxjepa.data.loading.reader import ArrayReader
from auxjepa.devices import open_device
from auxjepa.start import check_folder
from auxjepa.study.checks import check_study
from auxjepa.study.planned_runs import plan
from auxjepa.train.balance import BalanceError
from auxjepa.train.checks import check_run
from auxjepa.train.loop import Run
from auxjepa.train.size import network_bytes, step_bytes
from auxjepa.train.terms import TrainingError

from .cases import Case
from .commands import MODELS, reader

ENDS = ("trained", "accepted", "stopped", "refused", "trace")
"""Two steps done; valid but too large to be trained here; a step refused to go on; refused before; what must not be."""
SMALL = 40e6
STEPS = 2
PACKAGE = str(Path(auxjepa.__file__).parent)


@dataclass(frozen=True)
class Verdict:
    """What became of a case.

    Args:
        end: one of ``ENDS``. line: what was said. trace: where it was raised, where it must not have been.
    """

    end: str
    line: str = ""
    trace: str = ""


def judge(case: Case) -> Verdict:
    """Read a case as its command does and do what it asks for, as far as that is small."""
    began = False
    with tempfile.TemporaryDirectory() as place, _in(Path(place)), warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, content in case.files.items():
            Path(name).write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        before = {*Path().iterdir()}
        try:
            if case.command in MODELS:
                reader(case.command)(case.words)
                return Verdict("accepted")
            if case.command == "study":
                return _studied(case)
            config, own = pretrain.resolve(case.words)
            folder = own.out or Path("out")
            check_folder(folder, "--out")
            check_run(config, open_device(own.device), folder)
            if not _is_small(config):
                return Verdict("accepted")
            began = True
            _train(config)
            return Verdict("trained")
        except (ConfigError, DataError, TrainingError, BalanceError) as error:
            line = " ".join(str(error).split())
            if not began and (left := {*Path().iterdir()} - before):
                return Verdict("trace", line, f"a refused start left {sorted(map(str, left))}")
            return Verdict("stopped" if began else "refused", line)
        except SystemExit as stop:
            return Verdict("accepted" if not stop.code else "refused", str(stop.code))
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)
            own_frames = [f for f in frames if f.filename.startswith(PACKAGE)] or frames
            last = own_frames[-1]
            where = f"{Path(last.filename).name}:{last.lineno} {type(error).__name__}"
            return Verdict("trace", " ".join(str(error).split())[:300], where)


def _studied(case: Case) -> Verdict:
    config, own = study.resolve(case.words)
    open_device(own.device)
    check_study(config, None, Path("out"), own.root)
    plan(config)
    return Verdict("accepted")


def _is_small(config: RunConfig) -> bool:
    steps = [step_bytes(config, data) for data in config.data.sources.values()]
    return (
        network_bytes(config) < SMALL
        and max(steps) < SMALL
        and sum(d.frames for d in config.data.sources.values()) < 64
    )


def _train(config: RunConfig) -> None:
    """Two steps and a look at the features, on clips of noise in place of the configuration's own."""
    rng, parts, arrays = np.random.default_rng(0), [], []
    weights = {name: part.weight for name, part in config.data.mixture.items()}
    for name, data in config.data.sources.items():
        clips = rng.integers(0, 256, (6, data.frames, data.size, data.size, 3), dtype=np.uint8)
        parts.append(Part(name, len(clips), weights.get(name, 1.0), data.frames if config.data.mixture else 0))
        arrays.append(clips)
    sources = [Source([str(n) for n in range(len(clips))], {}) for clips in arrays]
    with tempfile.TemporaryDirectory() as place:
        run = Run(config, Feed("", parts, ArrayReader(arrays), sources), Path(place) / "run")
        for _ in range(min(STEPS, config.optim.steps)):
            run.advance()
        run._look()


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    """Works in a folder, with nothing printed."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        os.chdir(before)
