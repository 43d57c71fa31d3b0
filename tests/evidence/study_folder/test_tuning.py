"""Tests of the reader of tuning folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auxjepa import yaml_text
from auxjepa.evidence.study_folder.tuning import (
    CHOSEN,
    EDITED,
    SETTINGS,
    TRIALS,
    TUNING,
    Trial,
    read_tuning,
    tuning_digest,
)
from auxjepa.files import append_lines, write_json, write_text

SEARCH = {"tune": {"space": {"optim.lr": {"low": 1e-05, "high": 0.016, "log": True}}}, "variants": ["baseline", "ld"]}


def a_trial(**changes: Any) -> Trial:
    fields = {"variant": "ld", "trial": 0, "stage": 0, "steps": 10, "seed": 900, "recipe": {"optim.lr": 0.00012}}
    return Trial.model_validate(
        {**fields, "run": "abc", "scores": {"m": 50}, "objective": 0.5, "seconds": 3.5, **changes}
    )


def write(folder: Path, trials: list[Trial], **chosen: Any) -> Path:
    """Write a tuning folder as the search writes it."""
    place = folder / TUNING
    write_text(place / SETTINGS, yaml_text.dump(SEARCH))
    append_lines(place / TRIALS, [trial.model_dump(mode="json") for trial in trials])
    best = {"trial": 0, "recipe": {"optim.lr": 0.00012}, "objective": 0.5, "stages": [{"kept": 1}]}
    write_json(place / CHOSEN, {"digest": tuning_digest(SEARCH, trials), "variants": {"ld": best}, **chosen})
    return place


def test_folder_is_read_as_written(tmp_path: Path) -> None:
    trials = [a_trial(), a_trial(trial=1, objective=0.25), a_trial(variant="baseline", recipe={"masks": [{"k": 1}]})]
    write(tmp_path, trials)
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert (tuning.settings, tuning.trials, tuning.notes) == (SEARCH, tuple(trials), ())
    assert tuning.digest == tuning.recorded_digest == tuning_digest(SEARCH, trials)
    assert tuning.chosen["ld"].recipe == {"optim.lr": 0.00012}
    assert not tuning.is_edited
    assert len(tuning.digest) == 16


def test_without_a_search_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / TUNING / "runs").mkdir(parents=True)
    assert read_tuning(tmp_path) is None


def test_an_unfinished_search_has_no_choice_and_is_not_edited(tmp_path: Path) -> None:
    place = write(tmp_path, [a_trial()])
    (place / CHOSEN).unlink()
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert (tuning.chosen, tuning.recorded_digest, tuning.is_edited, tuning.notes) == ({}, "", False, ())


def test_unreadable_lines_are_counted_and_named(tmp_path: Path) -> None:
    place = write(tmp_path, [a_trial()])
    with (place / TRIALS).open("ab") as file:
        file.write(b'\xff\xfe nonsense\n[1, 2]\n{"variant": "ld"}\n')
        file.write(json.dumps({**a_trial(trial=1).model_dump(mode="json"), "objective": float("nan")}).encode())
        file.write(b'\n\n{"variant": "ld", "tri')
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert tuning.trials == (a_trial(),)
    (note,) = tuning.notes
    assert "5 lines are left out" in note
    assert "line 2 (not JSON)" in note
    text = (place / TRIALS).read_text(encoding="utf-8", errors="replace")
    write_text(place / TRIALS, text.split("\n", maxsplit=1)[0] + '\n{"variant": "ld", "tri')
    cut = read_tuning(tmp_path)
    assert cut is not None
    assert cut.notes == ("tuning/trials.jsonl: 1 line is left out, which can't be read: line 2 (cut short)",)


@pytest.mark.parametrize("edit", ["settings", "objective", "removed", "added"])
def test_edits_change_the_digest(tmp_path: Path, edit: str) -> None:
    place = write(tmp_path, [a_trial(), a_trial(trial=1)])
    if edit == "settings":
        write_text(place / SETTINGS, yaml_text.dump({**SEARCH, "variants": ["ld"]}))
    elif edit == "added":
        append_lines(place / TRIALS, [a_trial(trial=2).model_dump(mode="json")])
    else:
        lines = (place / TRIALS).read_text(encoding="utf-8").splitlines()
        lines = lines[:1] if edit == "removed" else [lines[0], lines[1].replace('"objective": 0.5', '"objective": 0.6')]
        write_text(place / TRIALS, "\n".join(lines) + "\n")
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert tuning.is_edited
    assert EDITED in tuning.notes[-1]


def test_order_seconds_and_repeats_do_not_change_the_digest() -> None:
    first, second = a_trial(), a_trial(trial=1)
    slower = a_trial(seconds=9)
    assert tuning_digest(SEARCH, [first, second]) == tuning_digest(SEARCH, [second, slower, first])
    assert tuning_digest(SEARCH, [first]) != tuning_digest(SEARCH, [a_trial(seed=901)])


def test_repeated_trials_count_once_and_are_named(tmp_path: Path) -> None:
    write(tmp_path, [a_trial(), a_trial(seconds=8), a_trial(objective=0.9)])
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert tuning.trials == (a_trial(),)
    assert "2 repeated trials are left out, 1 with another content: ld trial 0 stage 0 seed 900" in tuning.notes[0]


def test_damaged_files_become_notes(tmp_path: Path) -> None:
    place = write(tmp_path, [a_trial()], variants={"ld": {"trial": -1}})
    write_text(place / SETTINGS, "a: [")
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert tuning.is_edited
    assert tuning.chosen == {}
    assert [note.split(":")[0] for note in tuning.notes[:2]] == ["tuning/settings.yaml", "tuning/chosen.json"]
    write_text(place / CHOSEN, "[]")
    (place / TRIALS).unlink()
    damaged = read_tuning(tmp_path)
    assert damaged is not None
    assert damaged.trials == ()
    assert len(damaged.notes) == 3
    write_text(place / CHOSEN, '{"variants": {}}')
    undated = read_tuning(tmp_path)
    assert undated is not None
    assert any("has no digest" in note for note in undated.notes)


def test_a_failed_trial_has_a_reason_and_no_objective(tmp_path: Path) -> None:
    failure = a_trial(objective=None, scores={}, run="", failed="the loss is not finite")
    write(tmp_path, [failure, a_trial(trial=1)])
    tuning = read_tuning(tmp_path)
    assert tuning is not None
    assert tuning.trials[0] == failure
    assert "failed" not in a_trial().model_dump(mode="json")
