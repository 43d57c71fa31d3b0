"""Scores of long tables: values, left out cells, controls, several metrics, and faults with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from auxjepa.evidence.score_tables.reading_options import ReadingOptions
from auxjepa.evidence.score_tables.scores import ScoreTable, read_scores
from auxjepa.evidence.score_tables.table_file import TableError
from written_tables import LONG

HEAD = "variant,seed,benchmark,score"


def read(folder: Path, content: str, **options: object) -> ScoreTable:
    (folder / "t.csv").write_text(content)
    return read_scores(folder / "t.csv", ReadingOptions.model_validate(options))


def test_a_long_table(tmp_path: Path) -> None:
    table = read(tmp_path, LONG)
    assert len(table.scores) == 8 and table.reference == "baseline"
    ssv2, depth = table.benchmarks["ssv2"], table.benchmarks["depth"]
    assert (ssv2.metric, ssv2.unit, ssv2.higher_is_better, ssv2.n_test, ssv2.n_classes) == ("top1", "%", True, 1000, 10)
    assert (depth.metric, depth.unit, depth.higher_is_better, depth.n_test) == ("mse", "m", False, 0)
    assert any("Less is better, by the name: depth" in note for note in table.notes)


def test_nothing_is_left_out_silently(tmp_path: Path) -> None:
    table = read(tmp_path, f"{HEAD},note\nbaseline,0,a,1,\nld,0,a,,\nld,1,a,nan,\nld,2,a,3,x\n")
    assert [(s.variant, s.seed) for s in table.scores] == [("baseline", 0), ("ld", 2)]
    text = " ".join(table.notes)
    assert "1 score is left out because of an empty cell: line 3 (score)." in text
    assert "not finite (NaN or infinite): line 4 (score)." in text and "1 column is not used: note." in text


def test_without_seeds(tmp_path: Path) -> None:
    table = read(tmp_path, "variant,benchmark,score\nbaseline,a,1\nld,a,2\n")
    assert {score.seed for score in table.scores} == {0}
    assert any("Without several seeds no verdict is possible" in note for note in table.notes)


def test_controls(tmp_path: Path) -> None:
    table = read(tmp_path, f"{HEAD}\nbaseline,0,a,1\nrandom init,0,a,2\nchance,,a,3\n")
    assert [score.control for score in table.scores] == [None, "random_init", "chance"]
    assert any(note.startswith("Controls, which are no variants: chance, random init") for note in table.notes)
    table = read(tmp_path, f"{HEAD},control\nbaseline,0,a,1,\nnoise,0,a,2,random_init\n")
    assert table.scores[1].control == "random_init"


def test_several_metrics_are_separate_benchmarks(tmp_path: Path) -> None:
    lines = "\n".join(f"{v},0,a,{s},{m}" for v in ("baseline", "ld") for m, s in (("acc", 50), ("mse", 0.5)))
    table = read(tmp_path, f"{HEAD},metric\n{lines}\n")
    assert list(table.benchmarks) == ["a acc", "a mse"]
    assert [fact.higher_is_better for fact in table.benchmarks.values()] == [True, False]


def test_settings_select(tmp_path: Path) -> None:
    table = read(tmp_path, LONG, benchmarks=["ssv2"], reference="ld")
    assert list(table.benchmarks) == ["ssv2"] and table.reference == "ld"
    assert any("4 scores are left out because of --benchmarks" in note for note in table.notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{HEAD}\nbaseline,0,a,83.1%\n", "line 2, column 'score': '83.1%'"),
        (f"{HEAD}\nbaseline,x,a,1\n", "line 2, column 'seed': 'x': write a whole number"),
        (f"{HEAD}\nbaseline,,a,1\n", "line 2, column 'seed': is empty"),
        (f"{HEAD}\n,0,a,1\n", "line 2, column 'variant': is empty"),
        (f"{HEAD}\nbaseline,0,,1\n", "line 2, column 'benchmark': is empty"),
        (f"{HEAD}\nbaseline,0,a,1e300\n", "is larger than any score"),
        (f"{HEAD}\nbaseline,0,a,\n", "the table has no score"),
        (f"{HEAD}\nbaseline,0,a,1\nld,0,a,2\nld,0,a,3\n", "lines 3 and 4 both give ld seed 0 on a (2 and 3): remove"),
        ("variant,benchmark,score\nbaseline,a,1\nbaseline,a,2\n", "add a column 'seed'"),
        (f"{HEAD}\nsimclr,0,a,1\nmae,0,a,1\n", "--reference NAME (variants: simclr, mae)"),
        ("variant,seed,score\nbaseline,0,1\n", "no column 'benchmark'"),
        ("seed,benchmark\n0,a\n", "no column 'variant' and no column 'score'"),
        (f"{HEAD},control\nbaseline,0,a,1,noise\n", "write random_init, raw_pixels, majority, chance or nothing"),
    ],
)
def test_faults(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(TableError) as error:
        read(tmp_path, content)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_an_unknown_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="did you mean 'baseline'"):
        read(tmp_path, LONG, reference="baselin")
