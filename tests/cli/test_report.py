"""``auxjepa report`` of tables that other programs wrote."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from written_tables import LONG, MLFLOW, NAMED_RUNS, PANEL, RUNS, WIDE

RECORDS = [
    {key: value for key, value in record.items() if value} | {"seed": int(record["seed"])}
    for record in csv.DictReader(io.StringIO(LONG))
]


def write(name: str) -> None:
    texts = {"scores.csv": LONG, "wide.csv": WIDE, "wandb.csv": RUNS, "names.csv": NAMED_RUNS, "mlflow.csv": MLFLOW}
    if name == "scores.parquet":
        pq.write_table(pa.Table.from_pylist(RECORDS), name)
    elif name == "scores.jsonl":
        Path(name).write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    else:
        Path(name).write_text(texts.get(name, PANEL))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("scores.csv", "+4.6\\]); it leans higher on depth (+0.021 \\[+0.008, +0.034\\] m)"),
        (
            "scores.parquet",
            "+4.6\\]); it leans higher on depth (+0.021 \\[+0.008, +0.034\\] m)",
        ),
        ("scores.jsonl", "+4.6\\]); it leans higher on depth (+0.021 \\[+0.008, +0.034\\] m)"),
        ("wide.csv", "Equal differences on all seeds have no spread, so nothing is shown by ld on SSv2 (+4.0)"),
        ("wandb.csv", "**ld** shows no clear difference from baseline on any capability"),
        ("names.csv", "so nothing is shown by ld on val/acc (+0.200)"),
        ("mlflow.csv", "**ld** shows no clear difference from baseline on any capability"),
        ("panel.csv", "on val/acc ld (+0.200)"),
    ],
)
def test_the_whole_page_of_any_form(auxjepa, name: str, sentence: str) -> None:
    write(name)
    done = auxjepa("report", name)
    assert done.code == 0, done.err
    page = Path(done.out.strip())
    assert page == Path(f"{Path(name).stem}-report/report.html") and page.stat().st_size > 20_000
    text = page.with_suffix(".md").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert sentence in text
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings[:2] == ["## Answer", "## How the scores are read"] and "## Grade" in headings
    assert "None of the 44 claims and questions" in text and "planned scores" not in text.split("## Grade")[0]
    html = page.read_text()
    assert 'id="training"' not in html and f"The scores come from {name}." in html
    for line in done.err.splitlines():
        assert line.replace("_", "\\_") in text, "what is printed is on the page too"


def test_a_table_can_be_reported_again(auxjepa) -> None:
    write("scores.csv")
    assert auxjepa("report", "scores.csv", "--reference", "ld", "--out", "page").code == 0
    assert auxjepa("report", "scores.csv", "--benchmarks", "ssv2", "--out", "page").code == 0
    text = Path("page/report.md").read_text()
    assert "than baseline on ssv2" in text.replace("motion", "ssv2") and "depth" not in text.split("## Results")[1]
    assert "auxjepa report scores.csv --benchmarks ssv2 --out page" in text
    assert auxjepa("report", "page").code == 0, "the folder is read as any folder of rows"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("report gone.csv", "gone.csv: no such file"),
        ("report scores.csv --reference nobody", "no variant 'nobody' (--reference) (variants: baseline, ld)"),
        ("report scores.csv --seed-column sed", "did you mean 'seed'?"),
        ("report scores.csv --unit", "--unit"),
        ("report scores.csv --out taken", "taken holds other files"),
        ("report taken --unit %", "--unit is for a table of scores"),
        ("report twice.csv", "twice.csv: lines 2 and 3 both give baseline seed 0 on a (1 and 2): remove one"),
        ("report comma.csv", "comma.csv line 2, column 'score': '83,1': a decimal comma is not read: write 83.1"),
    ],
)
def test_faults_are_one_line(auxjepa, words: str, line: str) -> None:
    write("scores.csv")
    Path("taken").mkdir()
    Path("taken/rows.jsonl").write_text("")
    Path("twice.csv").write_text("variant,seed,benchmark,score\nbaseline,0,a,1\nbaseline,0,a,2\n")
    Path("comma.csv").write_text("variant;seed;benchmark;score\nbaseline;0;a;83,1\n")
    done = auxjepa(*words.split())
    assert done.code == 2 and line in done.err and done.err.count("\n") == 1, done.err
    assert not Path("twice-report").exists() and not Path("comma-report").exists()


def test_help_names_tables(auxjepa) -> None:
    done = auxjepa("report", "--help")
    assert done.code == 0 and "Weights & Biases" in done.out and "--lower-is-better" in done.out


def test_the_published_table_of_the_guide_decides_nothing(auxjepa) -> None:
    docs = Path(__file__).parents[2] / "docs"
    done = auxjepa("report", docs / "scores" / "published.csv", "--out", "published")
    assert done.code == 0 and Path(done.out.strip()) == Path("published/report.html")
    text = Path("published/report.md").read_text()
    guide = " ".join((docs / "scores.md").read_text().split())
    for sentence in (
        "This is a screen on 1 seed and not a confirmation. One seed has no interval, so no difference counts as "
        "higher or lower.",
        "10 seeds can reach 0.05 after Holm over 13 comparisons",
    ):
        assert sentence in text and sentence in guide
    results = text.split("## Results")[1].split("## Statistics")[0].splitlines()
    rows = [line for line in results if line.startswith("| ") and "---" not in line]
    assert len(rows) == 29 and not any(sign in line for line in rows for sign in "△▽▲▼")
    assert sum("not comparable" in line for line in rows) == 11
    assert "73 scores" in guide and len(Path("published/rows.jsonl").read_text().splitlines()) == 73
    assert "Every comparison has one seed, so there is no interval over seeds and no test." in text
