"""The registered searches in docs/evidence/search: unedited, and equal to their page."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from statistics import fmean

import pytest

from auxjepa.config import read_yaml
from auxjepa.evidence.study_folder.tuning import Tuning, read_tuning
from auxjepa.study.plan import StudyConfig
from auxjepa.study.tuning.sampling import RecipeSampler

FOLDER = Path(__file__).parents[2] / "docs" / "evidence" / "search"
PAGE = (FOLDER.parent / "search.md").read_text()


def search(name: str) -> Tuning:
    tuning = read_tuning(FOLDER / name)
    assert tuning is not None and not tuning.notes
    return tuning


@pytest.mark.parametrize(("name", "updates"), [("halving", 11_200), ("listed", 4_800)])
def test_every_variant_had_the_same_updates_and_the_digest_is_on_the_page(name: str, updates: int) -> None:
    tuning, steps = search(name), Counter[str]()
    for trial in tuning.trials:
        steps[trial.variant] += trial.steps
    assert set(steps.values()) == {updates} and f"{updates:,} updates" in PAGE
    assert tuning.digest == tuning.recorded_digest and tuning.digest in PAGE


@pytest.mark.parametrize("variant", ["baseline", "ld", "ld_only"])
def test_the_table_has_the_objectives_of_the_listed_recipes(variant: str) -> None:
    tuning = search("listed")
    means = [fmean(t.objective or 0 for t in tuning.trials if (t.variant, t.trial) == (variant, n)) for n in range(3)]
    (row,) = (line for line in PAGE.splitlines() if line.startswith(f"| {variant} |"))
    cells = [cell.strip(" *") for cell in row.strip("|").split("|")][2:]
    assert cells == [f"{mean:.3f}".lstrip("0") for mean in means]


def test_the_study_files_draw_the_recorded_recipes() -> None:
    for name in ("halving", "listed"):
        study = StudyConfig.model_validate(read_yaml(FOLDER / f"{name}.yaml"))
        assert study.tune is not None
        for variant in study.variants:
            sampler = RecipeSampler(study.tune, variant, partial(study.configure, variant), study.base)
            recorded = {t.trial: t.recipe for t in search(name).trials if (t.variant, t.stage) == (variant, 0)}
            assert [sampler.draw(number) for number in recorded] == list(recorded.values())
