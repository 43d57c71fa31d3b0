from __future__ import annotations

from auxjepa.evidence.analyses.directions import group_by_direction, undecided_effects
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.records import Effect
from auxjepa.evidence.study_folder.folder import load
from written_study import register


def effect(name: str, *differences: float) -> Effect:
    scores = {seed: 50 + d for seed, d in enumerate(differences)}
    return paired_effect(scores, dict.fromkeys(scores, 50.0), variant=name, reference="baseline", benchmark="order")


def test_higher_needs_the_whole_family_and_leaning_one_interval() -> None:
    effects = [
        effect("up", 20.0, 20.1, 19.9),
        effect("down", -20.0, -20.1, -19.9),
        effect("leans up", 3.0, 4.0, 5.0),
        effect("leans down", -3.0, -4.0, -5.0),
        effect("unclear", -1.0, 2.0, 1.0),
        effect("equal", 3.0, 3.0, 3.0),
    ]
    names = [[e.variant for e in group] for group in group_by_direction(effects, 15)]
    assert names == [["up"], ["down"], ["leans up"], ["leans down"], ["equal", "unclear"]]
    alone = group_by_direction(effects, 1)
    assert [e.variant for e in alone.up] == ["up", "leans up"] and not alone.leans_up


def test_registered_hypotheses_are_not_beyond_the_hypotheses(tmp_path, write_study) -> None:
    folder = write_study(tmp_path, seeds=6, steps=4)
    register(folder)
    study = load(folder)
    results = collect_results(study)
    registered = {(o.hypothesis.variant, o.hypothesis.benchmark) for o in study.outcomes}
    assert ("ld", "world_order") in registered
    left = undecided_effects(study, results)
    assert ("ld", "order") not in left and ("ld_only", "order") in left
    study.phase = "screen"
    assert ("ld", "order") in undecided_effects(study, results), "a screen has no hypotheses"
