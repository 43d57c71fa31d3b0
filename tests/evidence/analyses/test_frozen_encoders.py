"""Frozen encoders from elsewhere in a study with seeds: lines, comparisons, and what the page says about them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auxjepa.evidence.analyses.frozen_encoders import describe_frozen
from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder import encoders_file
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import frozen_section
from auxjepa.rows import RowStore

RECORD = {
    "source": "hf:lab/tiny",
    "network": "VJEPA2Model",
    "parameters": 5_000_000,
    "weights": "abc",
    "input": {"frames": 16, "size": 224},
    "pretraining": "many-videos",
}


@pytest.fixture
def with_frozen(study: Path, tmp_path: Path) -> Path:
    """The study with two frozen encoders: one scored with each probe seed, one with the first seed only."""
    folder = tmp_path / "study"
    shutil.copytree(study, folder)
    store = RowStore(folder)
    for row in list(store):
        if row.variant == "ld":
            for name, change, seeds in (("hf:tiny", 5.0, (0, 1, 2)), ("hf:other", -3.0, (0,))):
                if row.seed in seeds:
                    update = {
                        "run": f"frozen-{name}",
                        "variant": name,
                        "control": "frozen",
                        "score": row.score + change,
                    }
                    store.append(row.model_copy(update=update))
    encoders_file.write(folder, "hf:tiny", RECORD)
    return folder


def test_frozen_encoders_are_lines_and_no_hypotheses(with_frozen: Path, study: Path) -> None:
    before, results = collect_results(load(study)), collect_results(load(with_frozen))
    lines = {line.name: line for line in results.lines}
    assert lines["hf:tiny"].control == lines["hf:other"].control == "frozen"
    assert [line.name for line in results.variants] == [line.name for line in before.variants]
    for i, column in enumerate(results.columns):
        old = {line.name: line.cells[i].effect for line in before.lines}
        for line in results.lines:
            if line.name in old:  # frozen encoders change no correction and no interval
                assert line.cells[i].effect == old[line.name], column.title
        effect = lines["hf:tiny"].cells[i].effect
        assert effect is not None and effect.n == 3 and effect.comparisons == 2
        ld = old["ld"]
        assert ld is not None and effect.mean == pytest.approx(ld.mean + 5.0)
        single = lines["hf:other"].cells[i].effect
        assert single is not None and single.n == 1 and single.interval is None


def test_what_they_are_stands_on_the_page(with_frozen: Path) -> None:
    described = describe_frozen(load(with_frozen))
    head, rows = frozen_section.HEAD, frozen_section.rows(described)
    cells = dict(zip(head, rows[0], strict=True))
    assert cells["encoder"] == "hf:tiny" and cells["parameters"] == "5.00 M" and cells["probe seeds"] == "0, 1, 2"
    assert cells["reads"] == "16 frames of 224 x 224" and cells["pretraining data"] == "many-videos"
    assert dict(zip(head, rows[1], strict=True))["pretraining data"] == "not stated"
    text = frozen_section.sentence(described)
    assert text.startswith("hf:tiny and hf:other are frozen encoders") and "not over pretraining seeds" in text
    assert frozen_section.sentence(described[:1]).startswith("hf:tiny is a frozen encoder")
    assert frozen_section.sentence([]) == ""


def test_a_damaged_file_is_noted_and_another_encoder_of_one_name_is_refused(with_frozen: Path) -> None:
    with pytest.raises(ValueError, match="holds another encoder named 'hf:tiny'"):
        encoders_file.write(with_frozen, "hf:tiny", RECORD | {"weights": "other"})
    encoders_file.write(with_frozen, "hf:tiny", RECORD)
    assert json.loads((with_frozen / "encoders.json").read_text()) == {"hf:tiny": RECORD}
    (with_frozen / "encoders.json").write_text("[")
    study = load(with_frozen)
    assert any("encoders.json: cannot be read" in note for note in study.notes)
    assert describe_frozen(study)[0].parameters is None


def test_a_folder_of_frozen_encoders_alone_has_one_column_a_benchmark(with_frozen: Path, tmp_path: Path) -> None:
    store = RowStore(tmp_path / "alone")
    for row in RowStore(with_frozen):
        if row.control in ("frozen", "majority", "chance"):
            store.append(row)
    results = collect_results(load(tmp_path / "alone"))
    assert sorted({column.benchmark for column in results.columns}) == sorted(c.benchmark for c in results.columns)
    assert {line.name for line in results.lines} == {"hf:tiny", "hf:other", "majority class", "chance"}
