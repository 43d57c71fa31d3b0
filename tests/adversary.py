"""An exemplary study folder, and changes that make it the folder of somebody who cheats."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from auxjepa.evidence.study_folder.tuning import CHOSEN, TUNING, Trial, read_tuning
from auxjepa.rows import Row, RowStore
from written_study import N_TEST, VARIANTS, register
from written_tuning import choices, edit_study, write_search

Change = Callable[[Path], None]
"""Changes a study folder in place."""


def write_exemplary(folder: Path, write_study: Callable[..., Path], seeds: int = 8) -> Path:
    """Write a study that earns every point of the grade, and return its folder.

    Args:
        folder: the folder to write.
        write_study: the fixture of this name.
        seeds: number of seeds.
    """
    write_study(folder, seeds=seeds, steps=2)
    rng = np.random.default_rng(1)
    grid = {"learning_rates": [0.001, 0.01, 0.1], "weight_decays": [0.0, 0.01], "epochs": 40, "select": "validation"}
    edit_json(folder / "protocols.json", lambda protocols: {k: v | {"record": grid} for k, v in protocols.items()})
    halve = {row.id: rng.permutation(N_TEST) < row.score * N_TEST / 200 for row in RowStore(folder) if is_initial(row)}
    rewrite(folder, lambda row: row | {"selected": {"learning_rate": 0.01, "weight_decay": 0.0, "epoch": 12}}, halve)
    registration = register(folder, effect=5.0)
    for variant in VARIANTS:
        audit = {"variant": variant, "terms": [{"name": "prediction"}], "findings": []}
        (folder / f"audit-{variant}.json").write_text(json.dumps(audit))
    (folder / "published.txt").write_text(f"{registration.hash} is in https://example.org/log/12")
    for path in folder.glob("runs/*/summary.json"):
        edit_json(path, lambda summary: summary | {"finished": "2026-01-01T12:00:00+00:00"})
    splits = {name: {"clips": 10, "digest": name} for name in ("validation", "test")} | {"shared": 0}
    edit_json(folder / "benchmarks.json", lambda all_: {k: v | {"splits": splits} for k, v in all_.items()})
    settings = yaml.safe_load((folder / "study.yaml").read_text()) | {"tune": dict.fromkeys(VARIANTS, 8)}
    (folder / "study.yaml").write_text(yaml.safe_dump(settings))
    return folder


def edit_json(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def is_initial(row: Row) -> bool:
    return row.control == "random_init"


def rewrite(
    folder: Path,
    change: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda row: row,
    marks: dict[str, np.ndarray] | None = None,
) -> None:
    """Change the rows of a folder; None removes a row. Marks by the id of a row replace its marks and its score."""
    marks, lines = marks or {}, []
    for row in RowStore(folder):
        content = change(row.model_dump(mode="json"))
        if content is None:
            continue
        if row.id in marks:
            content["score"] = 100 * float(marks[row.id].mean())
            changed = Row.model_validate(content)
            (folder / "correct" / f"{changed.id}.bin").write_bytes(np.packbits(marks[row.id]).tobytes())
        elif (stored := folder / "correct" / f"{row.id}.bin").exists():
            (folder / "correct" / f"{Row.model_validate(content).id}.bin").write_bytes(stored.read_bytes())
        lines.append(json.dumps(content))
    (folder / "rows.jsonl").write_text("\n".join(lines) + "\n")


def copy_marks(folder: Path, source: Callable[[Row], tuple[str, int] | None], flips: int = 0) -> None:
    """Give rows the marks of another variant and seed.

    Args:
        folder: the study folder.
        source: returns variant and seed of which a row gets the marks; None for its own.
        flips: number of marks that are changed afterwards, other ones for each seed.
    """
    store = RowStore(folder)
    originals = {(row.variant, row.seed, row.benchmark): store.correct(row) for row in store}
    marks = {}
    for row in store:
        place = source(row)
        if place is None or place == (row.variant, row.seed):
            continue
        copied = originals[(*place, row.benchmark)]
        assert copied is not None
        marks[row.id] = copied.copy()
        for flip in range(flips):
            marks[row.id][(7 * row.seed + flip) % N_TEST] ^= True
    rewrite(folder, marks=marks)


def _of_seed_0(row: Row) -> tuple[str, int] | None:
    return (row.variant, 0) if row.control is None else None


def copy_seeds(folder: Path) -> None:
    """File one network of each variant under all seeds."""
    copy_marks(folder, _of_seed_0)


def copy_seeds_with_flips(folder: Path) -> None:
    """File one network of each variant under all seeds, and change two marks of each benchmark."""
    copy_marks(folder, _of_seed_0, flips=2)


def copy_seeds_without_marks(folder: Path) -> None:
    """File one network of each variant under all seeds, and remove all marks."""
    copy_marks(folder, _of_seed_0)
    for path in (folder / "correct").iterdir():
        path.unlink()


def rename_reference(folder: Path) -> None:
    """File the reference as a variant."""
    copy_marks(folder, lambda row: ("baseline", row.seed) if row.variant == "fwm" else None)


def name_one_run(folder: Path) -> None:
    """File the scores of all seeds of a variant under the run of its first seed."""
    rewrite(folder, lambda row: row | {"run": row["run"][0] + "000"} if row["control"] is None else row)


def record_one_network(folder: Path) -> None:
    """Give all runs of a variant the weights of its first seed, by the record in their summaries."""
    for path in folder.glob("runs/*/summary.json"):
        edit_json(path, lambda summary: summary | {"encoder_digest": f"weights of {summary['variant']}"})


def fabricate_controls(folder: Path) -> None:
    """Write scores of 0 for random init, without a run."""
    zeros = {row.id: np.zeros(N_TEST, bool) for row in RowStore(folder) if is_initial(row)}
    rewrite(folder, lambda row: row | {"run": ""} if row["control"] == "random_init" else row, zeros)


def raise_scores(folder: Path) -> None:
    """Add points to the scores of a variant, and keep its marks."""
    rewrite(folder, lambda row: row | {"score": row["score"] + 20} if row["variant"] == "ld" else row)


def register_late(folder: Path) -> None:
    """Register after the last score."""
    rewrite(folder, lambda row: row | {"created": "2025-12-31T00:00:00+00:00"})


def validate_on_test(folder: Path) -> None:
    """Choose settings on the test clips."""
    rewrite(folder, lambda row: row | {"validation": row["score"]})


def collapse_reference(folder: Path) -> None:
    """Let every run of the reference collapse."""
    for path in folder.glob("runs/0*/summary.json"):
        edit_json(path, lambda summary: summary | {"verdict": "collapsed"})


def hide_collapse(folder: Path) -> None:
    """Let every run of the reference collapse in its metrics, and keep the word of its summary."""
    for path in folder.glob("runs/0*/metrics.jsonl"):
        with path.open("a") as file:
            file.write('{"step": 3, "std/teacher": 0.001, "rank/teacher": 1.0}\n')


def raise_all_scores(folder: Path) -> None:
    """Add points to the scores of all networks, more to a variant, and keep all marks."""
    add = {"fwm": 20, "baseline": 5, "random_init": -3}
    rewrite(folder, lambda row: row | {"score": max(0, row["score"] + add.get(row["variant"], 1))})


def delete_worst(folder: Path) -> None:
    """Delete the three worst scores of a variant."""
    worst = sorted(
        (r for r in RowStore(folder) if (r.variant, r.benchmark) == ("fwm", "world_order")), key=lambda r: r.score
    )
    names = {(row.variant, row.seed, row.benchmark) for row in worst[:3]}
    rewrite(folder, lambda row: None if (row["variant"], row["seed"], row["benchmark"]) in names else row)


def write_impossible_scores(folder: Path) -> None:
    """Replace scores of a variant by numbers that no accuracy can be."""
    text = (folder / "rows.jsonl").read_text().splitlines()
    numbers, changed = ["135", "-3", "NaN", "1e400"], []
    for line in text:
        row = json.loads(line)
        if row["variant"] == "ld" and row["seed"] < len(numbers):
            line = line.replace(f'"score": {json.dumps(row["score"])}', f'"score": {numbers[row["seed"]]}')
        changed.append(line)
    (folder / "rows.jsonl").write_text("\n".join(changed) + "\n")


ADVERSARIES: dict[str, Change] = {
    change.__name__: change
    for change in (
        copy_seeds,
        copy_seeds_with_flips,
        copy_seeds_without_marks,
        rename_reference,
        name_one_run,
        record_one_network,
        fabricate_controls,
        raise_scores,
        register_late,
        validate_on_test,
        collapse_reference,
        hide_collapse,
        raise_all_scores,
        write_impossible_scores,
    )
}
"""Folders that must not pass, by name."""


def retune(folder: Path, change: Callable[[list[Trial]], list[Trial]]) -> None:
    """Change the trials of a search, and every digest and recipe that follows, but not the registration."""
    tuning = read_tuning(folder)
    assert tuning is not None
    trials = change(list(tuning.trials))
    digest = write_search(folder, tuning.settings, trials)
    recipes = {name: choice["recipe"] for name, choice in choices(trials).items()}
    shared = dict.fromkeys(("ld@baseline", "ld_only@baseline"), recipes["baseline"])
    edit_study(folder, tuning_digest=digest, recipes=recipes | shared)


def give_the_winner_more_trials(folder: Path) -> None:
    """Tune a variant with more recipes than the reference, and register afterwards."""
    extra = [("abc", 100 + k, 0.1) for k in range(20)]
    retune(
        folder,
        lambda trials: [
            *trials,
            *(
                trials[1].model_copy(update={"variant": "ld", "trial": number, "run": run, "objective": objective})
                for run, number, objective in extra
            ),
        ],
    )
    register(folder)


def give_the_reference_fewer_steps(folder: Path) -> None:
    """Tune the reference with shorter runs, and register afterwards."""
    half = lambda t: t.model_copy(update={"steps": t.steps // 2}) if t.variant == "baseline" else t  # noqa: E731
    retune(folder, lambda trials: [half(trial) for trial in trials])
    register(folder)


def edit_the_search_after_registration(folder: Path) -> None:
    """Choose another recipe after the registration, and recompute the digest of the search."""
    retune(folder, lambda trials: [t.model_copy(update={"objective": 0.01}) if t.trial == 2 else t for t in trials])


def edit_trials(folder: Path) -> None:
    """Change a number in the trial table."""
    path = folder / TUNING / "trials.jsonl"
    path.write_text(path.read_text().replace('"seed":901', '"seed":902'))


def choose_a_worse_recipe_for_the_reference(folder: Path) -> None:
    """File a recipe of the reference that is not its best; nothing covers this file but the trials."""
    tuning = read_tuning(folder)
    assert tuning is not None
    last = [t for t in tuning.trials if t.variant == "baseline" and t.stage == 2]
    worse = next(t for t in last if t.trial != tuning.chosen["baseline"].trial)
    mean = sum(t.objective or 0 for t in last if t.trial == worse.trial) / 2
    choice = {"trial": worse.trial, "recipe": worse.recipe, "objective": mean, "stages": []}

    def replace(content: dict[str, Any]) -> dict[str, Any]:
        return content | {"variants": content["variants"] | {"baseline": choice}}

    edit_json(folder / TUNING / CHOSEN, replace)
    recipes = {name: chosen.recipe for name, chosen in tuning.chosen.items()} | {"baseline": worse.recipe}
    edit_study(folder, recipes=recipes | dict.fromkeys(("ld@baseline", "ld_only@baseline"), worse.recipe))


def train_other_recipes(folder: Path) -> None:
    """Use another recipe than the search chose."""
    study = yaml.safe_load((folder / "study.yaml").read_text())
    edit_study(folder, recipes=study["recipes"] | {"ld": {"optim.lr": 0.5}})


def tune_on_scored_seeds(folder: Path) -> None:
    """Search on the seeds of the study, and register afterwards."""
    retune(folder, lambda trials: [t.model_copy(update={"seed": t.seed - 900}) for t in trials])
    register(folder)


def score_networks_of_the_search(folder: Path) -> None:
    """File a network of the search under a seed of the study, and register afterwards."""
    retune(folder, lambda trials: [t.model_copy(update={"run": "1001"}) if t.stage == 2 else t for t in trials])
    register(folder)


def score_a_variant_that_was_not_tuned(folder: Path) -> None:
    """Remove a variant from the search, and register afterwards."""
    retune(folder, lambda trials: [t for t in trials if t.variant != "ld_only"])
    register(folder)


def hide_the_search(folder: Path) -> None:
    """Remove the folder of the search."""
    shutil.rmtree(folder / TUNING)


def forget_the_digest(folder: Path) -> None:
    """Remove the digest from the record of the search after an edit."""
    edit_trials(folder)
    edit_json(folder / TUNING / CHOSEN, lambda content: {"variants": content["variants"]})


TUNING_ADVERSARIES: dict[str, Change] = {
    change.__name__: change
    for change in (
        give_the_winner_more_trials,
        give_the_reference_fewer_steps,
        edit_the_search_after_registration,
        edit_trials,
        choose_a_worse_recipe_for_the_reference,
        train_other_recipes,
        tune_on_scored_seeds,
        score_networks_of_the_search,
        score_a_variant_that_was_not_tuned,
        hide_the_search,
        forget_the_digest,
    )
}
"""Changes of a tuned study that must cost the points of "tuned alike", by name."""
