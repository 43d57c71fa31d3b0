"""The section on several regimes: there when a study has them, with the numbers of the evidence, and not there else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence import similarity
from auxjepa.evidence.similarity import Alike, OnClips, Similarity
from auxjepa.files import write_json
from auxjepa.report import alike, domains
from auxjepa.report.html import render
from auxjepa.report.markdown import markdown
from auxjepa.report.parts import Parts, gather
from auxjepa.rows import RowStore

MIXTURE = {"world:motion": {"weight": 0.5}, "world:order": {"weight": 0.5}}
REGIMES = {
    "world": {"source": "world:motion"},
    "orders": {"source": "world:order"},
    "blend": {"source": "world", "mixture": MIXTURE},
}
SHIFT = {"orders": 2.0, "blend": 5.0}


def pair(first: str, second: str, seeds: str, mean: float, **apart: float) -> Alike:
    ends = {"low": mean - 0.01, "high": mean + 0.01, "least": mean - 0.02, "most": mean + 0.02}
    return Alike(first=first, second=second, seeds=seeds, pairs=3, mean=mean, **ends, **apart)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """Two variants after three regimes: the others' scores lie 2 and 5 points above those of the first."""
    kept = ["baseline", "ld"]
    place = write_study(tmp_path_factory.mktemp("domains"), steps=4, variants=kept, regimes=REGIMES)
    store = RowStore(place)
    rows = [r for r in store if r.control in (None, "random_init") and r.variant in (*kept, "random_init")]
    store.path.unlink()
    for row in rows:
        store.append(row)
        for regime, more in SHIFT.items() if row.control is None else ():
            other = {"regime": regime, "run": f"{regime}{row.run}", "score": row.score + more}
            store.append(row.model_copy(update=other))
    kinds = ("ld on world", "ld on blend")
    pairs = (
        pair(kinds[0], kinds[0], "other", 0.9),
        pair(kinds[0], kinds[1], "other", 0.6, apart=0.25, apart_low=0.2, apart_high=0.3),
        pair(kinds[0], kinds[1], "same", 0.7, apart=0.15, apart_low=0.1, apart_high=0.2),
        pair(kinds[1], kinds[1], "other", 0.8),
    )
    found = Similarity(
        kinds=kinds,
        seeds=(0, 1, 2),
        runs={},
        missing=("ld on orders seed 0",),
        resamples=10,
        confidence=0.95,
        created="",
        on=(OnClips(domain="order", clips=256, alike=pairs),),
    )
    write_json(place / similarity.FILE, found.model_dump(mode="json"))
    return place


@pytest.fixture(scope="module")
def parts(folder: Path) -> Parts:
    return gather(folder)


def test_the_answer_says_what_mixing_does(parts: Parts) -> None:
    assert parts.domains is not None and parts.domains.refusals == ()
    ((over, regime, said),) = domains.answer(parts.domains)
    assert over == "Over 4 benchmarks and 3 seeds, " and regime == "blend"
    assert said.startswith(" is above orders with baseline (+3.0 [+3.0, +3.0]) and ld (+3.0 [+3.0, +3.0])")
    assert "; its worst domain is above that of orders with" in said
    ((best, rest),) = domains.ranked(parts.domains)
    assert (
        best == "ld on blend" and "among 6 encoders" in rest and rest.endswith("3 seeds and 4 benchmarks say little.")
    )


def test_the_matrix_holds_means_and_shades_within_a_column(parts: Parts) -> None:
    assert parts.domains is not None
    head, lines = domains.transfer(parts.domains, parts.study)
    assert head == ("pretrained", "Appearance", "Direction", "Fine motion", "Temporal order")
    named = {(name, below): cells for name, below, cells in lines}
    assert set(named) == {(v, r) for v in ("baseline", "ld") for r in REGIMES} | {("random init", "not pretrained")}
    for k in range(4):
        column = [(float(cells[k].text), cells[k].heat) for cells in named.values()]
        assert min(column)[1] == 0 and max(column)[1] == 1
        lowest, highest = named["ld", "world"][k], named["ld", "blend"][k]
        assert float(highest.text) - float(lowest.text) == pytest.approx(5, abs=0.11) and "[" in lowest.below


def test_tables_have_a_cell_for_every_column(parts: Parts) -> None:
    found = parts.domains
    assert found is not None
    standing = domains.standing_rows(found)
    assert len(standing) == 6 and all(len(row) == len(domains.STANDINGS) for row in standing)
    assert [float(row[1].split()[0]) for row in standing] == sorted(float(row[1].split()[0]) for row in standing)
    bests = domains.best_rows(found)
    assert [row[1:3] for row in bests] == [["blend", "orders"]] * 4 and all(len(r) == len(domains.BESTS) for r in bests)
    mixing = domains.mixing_rows(found)
    assert len(mixing) == 2 * 2 * 6 and all(len(row) == len(domains.MIXED) for row in mixing)
    assert {row[2] for row in mixing} == {"best single", "mean single"}
    rows = alike.rows(parts.study.similarity)
    assert len(rows) == 4 and all(len(row) == len(alike.HEAD) for row in rows)


def test_figures_say_what_they_show(parts: Parts) -> None:
    assert parts.domains is not None
    rank, worst = domains.figures(parts.domains, {"baseline": 0, "ld": 1})
    assert rank.count('class="whisker') == 6 and "ld on blend" in rank and 'class="zero"' not in rank
    assert "points over the random-init encoder" in worst and 'class="zero"' in worst


def test_similarity_is_read_against_that_of_seeds(parts: Parts) -> None:
    first, second = ("".join(s) for s in alike.sentences(parts.study.similarity))
    assert "differ most between regimes on order clips" in first
    assert "a CKA of 0.60 [0.59, 0.61] with other seeds, the seeds of one regime 0.85 among themselves" in first
    assert second == "Not compared, because they weren't there: ld on orders seed 0."
    ((title, (head, lines)),) = alike.matrices(parts.study.similarity)
    assert title == "order clips (256)" and head == ("encoders", "ld on world", "ld on blend")
    texts = [[cell.text for cell in cells] for _, _, cells in lines]
    assert texts == [["0.90", "0.60"], ["0.70", "0.80"]]


def test_page_and_markdown_have_the_section(parts: Parts) -> None:
    page, text = render(parts), markdown(parts)
    assert '<a href="#domains">Domains</a>' in page and page.count('id="domains"') == 1
    assert re.search(r'style="--heat:1.00">\d', page) and "How alike the encoders are" in page
    for table in ("## Domains", "### Ranks and worst domains", "### Best regimes", "### Mixed against single"):
        assert table in text
    assert "### Similarity of encoders (CKA)" in text
    assert "**blend** is above orders with baseline" in text


def test_a_gap_shows_the_matrix_and_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text((folder / "study.yaml").read_text())
    gone = ('"blend"', '"ld"', '"world_order"', '"seed": 2,')
    lines = [x for x in (folder / "rows.jsonl").read_text().splitlines() if not all(part in x for part in gone)]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n")
    parts = gather(tmp_path)
    page, text = render(parts), markdown(parts)
    assert (
        "No ranks and no comparison of regimes: 1 of 72 scores are missing: ld on blend seed 2 on world_order." in page
    )
    assert 'class="shaded"' in page and "domains-rank" not in page and "Mixed against single" not in page + text


def test_one_regime_has_no_section(study: Path) -> None:
    parts = gather(study)
    assert parts.domains is None and domains.section(None, parts.study, {}) is None
    assert 'id="domains"' not in render(parts) and "## Domains" not in markdown(parts)


def test_similarity_alone_has_a_section(study: Path, folder: Path) -> None:
    parts = gather(study)
    parts.study.similarity = similarity.read(folder, [])
    page = render(parts)
    assert "How alike the encoders are" in page and "Transfer matrix" not in page
    assert "### Similarity of encoders (CKA)" in markdown(parts)
