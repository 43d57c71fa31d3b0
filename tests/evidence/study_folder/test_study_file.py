"""study.yaml and registration.json: damage is told, or changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import yaml

from auxjepa.evidence.decisions import registration
from auxjepa.evidence.study_folder import study_file
from auxjepa.evidence.study_folder.folder import Study, load
from damage import damage
from written_study import register


def test_the_hash_is_of_what_changes_a_number(tmp_path: Path) -> None:
    content = {"name": "a", "seeds": [1, 2], "base": {"lr": 1e-05}, "question": "Why?"}
    path = tmp_path / study_file.FILE
    path.write_text(study_file.hash_line(content) + yaml.safe_dump(content))
    assert study_file.describe_damage(path, yaml.safe_load(path.read_text())) == ""
    assert study_file.describe_damage(path, {**content, "question": "How?", "name": "b", "command": "c"}) == ""
    assert study_file.describe_damage(path, {**content, "seeds": [2, 1]}) == study_file.DAMAGED
    path.write_text(yaml.safe_dump(content))
    assert study_file.describe_damage(path, {"seeds": [3]}) == "", "older versions noted no hash"


def view(study: Study) -> tuple[object, ...]:
    """What a report shows of study.yaml, but for words."""
    settings = (study.reference, study.variants, study.seeds, study.benchmarks, study.phase, study.regimes)
    return (*settings, study.registered)


def deviations(study: Study) -> object:
    """What a report says of the registration, whether it can be read or not."""
    return study.registered and (study.registered.deviations, study.registered.void)


def test_damages_of_a_study_and_its_registration_are_told_or_change_nothing(
    write_study: Callable[..., Path], tmp_path: Path
) -> None:
    folder = write_study(tmp_path / "study", seeds=2, steps=2)
    register(folder)
    path = folder / study_file.FILE
    path.write_text(study_file.hash_line(yaml.safe_load(path.read_text())) + path.read_text())
    before, chance = load(folder), random.Random(0)
    for name in (study_file.FILE, registration.FILE):
        data, told = (folder / name).read_bytes(), 0
        for _ in range(60):
            (folder / name).write_bytes(damage(data, chance))
            now = load(folder)
            assert all("\n" not in note for note in now.notes)
            said = (now.notes, deviations(now)) != (before.notes, deviations(before))
            assert said or view(now) == view(before), name
            told += said
        assert told > 40
        (folder / name).write_bytes(data)
    assert load(folder).notes == before.notes
