"""The example plug-in of docs/plugin.md: built and installed as a package, found by name, sound, and trainable."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from auxjepa import objectives
from auxjepa.config import ConfigError, DataConfig, ObjectiveConfig, OptimConfig, RunConfig
from auxjepa.train.loop import Run

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "auxjepa-motion-magnitude"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the package (from a copy: building writes beside the sources)."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    pip += ["--no-deps", "--no-build-isolation", "--target", str(folder / "site"), str(folder / "source")]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()


def test_without_it_the_name_is_unknown() -> None:
    with pytest.raises(ConfigError, match="no objective is called 'motion_magnitude'"):
        objectives.find("motion_magnitude")


@pytest.mark.usefixtures("installed")
def test_it_is_found_and_keeps_the_contract() -> None:
    kind = objectives.find("motion_magnitude")
    assert kind.__name__ == "MotionMagnitude" and objectives.hyperparameters(kind) == {"hidden_dim": 256}
    objectives.check("motion_magnitude", hidden_dim=8)
    with pytest.raises(ConfigError, match="did you mean 'hidden_dim'"):
        objectives.build("motion_magnitude", levels=1, dim=4, hidden_dims=8)


@pytest.mark.usefixtures("installed")
def test_a_run_trains_it(tmp_path: Path) -> None:
    config = RunConfig(
        data=DataConfig(clips=8),
        objectives={"prediction": ObjectiveConfig(), "motion_magnitude": ObjectiveConfig(args={"hidden_dim": 8})},
        optim=OptimConfig(steps=2, batch=4),
    )
    clips = np.random.default_rng(0).integers(0, 256, (8, 8, 32, 32, 3), dtype=np.uint8)
    run = Run(config, clips, tmp_path)
    before = {name: p.detach().clone() for name, p in run.objectives.named_parameters()}
    run.train()
    assert before and all(not before[name].equal(p) for name, p in run.objectives.named_parameters())
