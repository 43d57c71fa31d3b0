from __future__ import annotations

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report.limitations import limitations
from written_study import register


def test_the_number_by_chance_is_no_whole_number(study) -> None:
    loaded = load(study)
    results = collect_results(loaded)
    results.lines = [line for line in results.lines if line.name in ("baseline", "ld")]
    (line,) = [line for line in limitations(loaded, results) if "in the table" in line]
    assert "of 4 intervals in the table" in line and "about 0.2 would" in line


def test_a_registered_margin_is_compared_with_the_measured_noise(tmp_path, write_study) -> None:
    folder = write_study(tmp_path, seeds=6, steps=4)
    register(folder)
    loaded = load(folder)
    outcome = next(o for o in loaded.outcomes if o.effect is not None)
    hypothesis = outcome.hypothesis.model_copy(update={"claim": "equivalent", "margin": 0.5, "id": "same"})
    loaded.outcomes = [type(outcome)(hypothesis, outcome.effect, outcome.verdict)]
    lines = [line for line in limitations(loaded, collect_results(loaded)) if line.startswith("Hypothesis same")]
    assert len(lines) == 1 and "the margin ±0.5 is below the noise of the test clips" in lines[0]
