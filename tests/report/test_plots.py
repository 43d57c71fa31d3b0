from __future__ import annotations

import io
import re

import av
import numpy as np
import pytest

from auxjepa.evidence.folder import load
from auxjepa.report import plots
from auxjepa.report.results import collect
from written_study import register


@pytest.fixture(scope="module")
def loaded(study):
    got = load(study)
    return got, collect(got)


def test_forest_says_what_it_shows(loaded):
    _, results = loaded
    svg = str(plots.forest(results, 3))
    assert "Temporal order: difference from baseline" in svg
    effect = results.lines[1].cells[3].effect
    assert f"ld +{effect.mean:.1f} [+{effect.interval[0]:.1f}" in svg
    assert svg.count('class="hollow') == 5 and 'class="mark' not in svg
    assert svg.count('class="seed') == 15


def test_only_decided_hypotheses_are_solid(tmp_path, write_study):
    folder = write_study(tmp_path, seeds=10, steps=4)
    register(folder)
    svg = str(plots.forest(collect(load(folder)), 3))
    assert svg.count('class="mark') == 1 and svg.count('class="hollow') == 4


def test_tradeoff_marks_controls(loaded):
    _, results = loaded
    svg = str(plots.tradeoff(results, "appearance", "order"))
    assert svg.count('class="hollow control"') == 4 and svg.count('class="mark') == 5
    assert "random-init encoder" in svg
    assert plots.tradeoff(results, "appearance", "appearance") is None
    assert plots.tradeoff(results, "appearance", "smell") is None


def test_clip_hatches_exactly_the_hidden_tokens(loaded):
    got, _ = loaded
    svg = str(plots.clip(got.samples, 0))
    tubelet = 2
    assert svg.count('fill="url(#hatch-0)"') == tubelet * int(got.samples.hidden[0].sum())
    assert svg.count("<image ") == 8 and "25 % of the tokens are hidden" in svg


def test_png_is_read_back_exactly():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    with av.open(io.BytesIO(plots.png(pixels))) as file:
        decoded = next(file.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(decoded, pixels)


def test_of_many_variants_only_the_front_and_the_reference_are_named(tmp_path, write_study, monkeypatch):
    results = collect(load(write_study(tmp_path, steps=4)))
    monkeypatch.setattr(plots, "MOST_NAMED", 8)
    svg = str(plots.tradeoff(results, "appearance", "order"))
    drawn = re.sub(r"<(title|desc).*?</\1>", "", svg)
    assert "ld_only</text>" in drawn and "baseline</text>" in drawn and "chance</text>" in drawn
    assert "fwm_hw_ld</text>" not in drawn and drawn.count("faint") == 3
    assert "fwm_hw_ld 3" in svg  # in words all are there
