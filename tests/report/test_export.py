"""Exported numbers equal the rows, in every format."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from auxjepa.evidence.analyses.study_results import collect_results
from auxjepa.evidence.study_folder.folder import load
from auxjepa.report import build
from auxjepa.report.export import csv_text, export
from auxjepa.report.references import latex

EVIL = r'=cmd|"x" & \evil{50 % _#}'


@pytest.fixture(scope="session")
def out(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "out"
    loaded = load(study)
    written = export(loaded, collect_results(loaded), folder)
    assert sorted(written) == sorted(folder.iterdir())
    return folder


def test_files(out: Path) -> None:
    names = {path.name for path in out.iterdir()}
    assert names == {
        "scores.csv", "scores.parquet", "effects.csv", "effects.parquet", "results.tex", "study.bib",
    }  # fmt: skip


def test_scores_are_the_rows(out: Path, study: Path) -> None:
    rows = load(study).rows
    with (out / "scores.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [float(record["score"]) for record in read] == [row.score for row in rows]
    assert [record["id"] for record in read] == [row.id for row in rows]
    table = pq.read_table(out / "scores.parquet").to_pylist()
    assert [record["score"] for record in table] == [row.score for row in rows]


def test_effects_are_unrounded(out: Path, study: Path) -> None:
    results = collect_results(load(study))
    expected = {(c.effect.variant, c.effect.benchmark): c.effect for x in results.lines for c in x.cells if c.effect}
    table = pq.read_table(out / "effects.parquet").to_pylist()
    assert {(r["variant"], r["benchmark"]) for r in table} == set(expected)
    for record in table:
        effect = expected[record["variant"], record["benchmark"]]
        assert record["mean"] == effect.mean and math.isclose(record["p_adjusted"], effect.p_adjusted)
        assert (record["t_low"], record["t_high"]) == effect.interval
    assert (out / "effects.csv").read_text().count("\n") == 1 + len(expected)


def test_a_spreadsheet_does_not_run_a_text_as_a_formula() -> None:
    (record,) = csv.DictReader(csv_text([{"a": EVIL, "b": -1.5, "c": None}]).splitlines())
    assert record == {"a": f"'{EVIL}", "b": "-1.5", "c": ""}


def test_latex_is_balanced_and_escaped(tmp_path: Path, write_study) -> None:
    loaded = load(write_study(tmp_path / "s", steps=4, rename={"ld": EVIL}))
    export(loaded, collect_results(loaded), tmp_path / "out")
    text = (tmp_path / "out" / "results.tex").read_text()
    assert latex(EVIL) in text and r"\evil" not in text
    bare = re.sub(r"\\.", "", text)
    assert bare.count("{") == bare.count("}") and "%" not in bare.replace("% needs", "")
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", line)) for line in rows} == {4}


def test_bibtex_has_a_key_a_title_and_a_year_for_each(out: Path) -> None:
    entries = (out / "study.bib").read_text().split("\n@")
    assert len(entries) > 8 and len({entry.split("{")[1].split(",")[0] for entry in entries}) == len(entries)
    assert all("title = {" in entry for entry in entries) and "2605.17165" in "".join(entries)


def test_an_empty_study_exports_its_table_and_sources(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    names = {path.name for path in export(loaded, collect_results(loaded), tmp_path / "out")}
    assert names == {"results.tex", "study.bib"}


def test_a_seed_of_any_number_of_digits_is_exported(write_study, tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    text = (folder / "rows.jsonl").read_text()
    (folder / "rows.jsonl").write_text(text.replace('"seed": 1,', '"seed": 12345678901234567890,'))
    build(folder)
    table = pq.read_table(folder / "export" / "scores.parquet").to_pylist()
    assert {row["seed"] for row in table} == {"0", "2", "12345678901234567890"} and len(table) == 84
