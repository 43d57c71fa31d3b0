"""Sample clips for the report's readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from auxjepa.data.world import CLASSES
from auxjepa.study import samples
from auxjepa.study.plan import StudyConfig
from auxjepa.study.planned_runs import plan


@pytest.mark.parametrize("variant", ["baseline", "mgm"])
def test_clips_come_with_what_is_hidden_and_a_caption(
    content: dict[str, Any], root: Path, tmp_path: Path, variant: str
) -> None:
    study = StudyConfig.model_validate({**content, "variants": ["baseline", variant][: 1 + (variant != "baseline")]})
    run = next(run for run in plan(study, root) if run.config.variant == variant)
    samples.write(tmp_path / "samples.npz", run, study)
    with np.load(tmp_path / "samples.npz", allow_pickle=False) as file:
        clips, hidden, captions = file["clips"], file["hidden"], json.loads(str(file["captions"]))
    assert clips.shape == (4, 4, 16, 16, 3) and clips.dtype == np.uint8
    assert hidden.shape == (4, 2, 2, 2) and hidden.any(axis=(1, 2, 3)).all() and not hidden.all(axis=(1, 2, 3)).any()
    appearance, motion = captions[0].split("; ")  # even clips move, odd ones have an order
    assert appearance in CLASSES["appearance"] and motion in CLASSES["fine_motion"]
    assert [caption.split("; ")[1] in CLASSES["order"] for caption in captions] == [False, True, False, True]
