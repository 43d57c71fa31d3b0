"""Networks that other studies scored, or that are older than the registration, are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from adversary import edit_json
from auxjepa.evidence.decisions import registration
from auxjepa.evidence.study_folder.folder import load
from auxjepa.evidence.study_folder.shared_networks import FILE, record_study
from written_study import register


@pytest.fixture
def folder(write_study: Callable[..., Path], tmp_path: Path) -> Path:
    folder = write_study(tmp_path / "quick", seeds=1, steps=2)
    register(folder)
    return folder


def test_other_studies_are_named_once_and_the_own_one_is_not(folder: Path, tmp_path: Path) -> None:
    assert not load(folder).shared.notes
    run = folder / "runs" / "0000"
    for _ in range(2):
        record_study(run, "quick", folder)
        record_study(run, "ood", tmp_path / "ood")
    assert len((run / FILE).read_text().splitlines()) == 2
    with (run / FILE).open("a") as file:
        file.write("[1]\nnot json\n{\n")
    (line,) = load(folder).shared.lines
    assert line == "1 of 5 networks were also scored by other studies: ood (1)"
    assert any("no independent evidence" in note for note in load(folder).notes)


def test_a_link_to_shared_runs_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "runs").rename(tmp_path / "shared")
    (folder / "runs").symlink_to(tmp_path / "shared")
    (line,) = load(folder).shared.lines
    assert line.startswith("runs is a link to ") and line.endswith("other studies may have scored these networks")


@pytest.mark.parametrize(
    ("finished", "is_older"),
    [
        ("2025-12-31T23:59:59+00:00", True),
        ("2026-01-01T00:00:10+00:00", True),  # it took 25 s
        ("2026-01-01", True),
        ("2026-01-01T01:00:00+00:00", False),
        ("2026-01-01T02:00:00+05:00", True),
        ("yesterday", False),
        ("", False),
    ],
)
def test_runs_that_began_before_the_registration(folder: Path, finished: str, is_older: bool) -> None:
    edit_json(folder / "runs" / "0000" / "summary.json", lambda summary: summary | {"finished": finished})
    assert bool(load(folder).shared.earlier) == is_older


def test_runs_that_the_registration_names_as_trained(folder: Path) -> None:
    content = json.loads((folder / registration.FILE).read_text())
    content.pop("hash")
    before = registration.Registration.model_validate(content)
    assert "earlier_runs" not in before.model_dump(mode="json")
    after = before.model_copy(update={"earlier_runs": ("0000", "unscored")})
    (folder / registration.FILE).write_text(json.dumps(registration.to_json(after)))
    study = load(folder)
    assert study.shared.earlier == ("0000",) and study.registered is not None and not study.registered.void
    assert study.shared.lines == ["1 of 5 networks are older than the registration"]
