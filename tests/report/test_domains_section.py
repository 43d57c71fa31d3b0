"""The section on several regimes, which a study with one regime does not have."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.evidence.study_evidence import StudyEvidence, collect_evidence
from auxjepa.evidence.study_folder import similarity
from auxjepa.evidence.study_folder.similarity import DomainSimilarity, PairSimilarity, Similarity
from auxjepa.files import write_json
from auxjepa.report import domains_section, similarity_section
from auxjepa.report.html import render
from auxjepa.report.markdown import markdown
from auxjepa.rows import RowStore

MIXTURE = {"world:motion": {"weight": 0.5}, "world:order": {"weight": 0.5}}
REGIMES = {
    "world": {"source": "world:motion"},
    "orders": {"source": "world:order"},
    "blend": {"source": "world", "mixture": MIXTURE},
}
SHIFT = {"orders": 2.0, "blend": 5.0}


def pair(first: str, second: str, seeds: str, mean: float, **apart: float) -> PairSimilarity:
    ends = {"low": mean - 0.01, "high": mean + 0.01, "least": mean - 0.02, "most": mean + 0.02}
    return PairSimilarity(first=first, second=second, seeds=seeds, pairs=3, mean=mean, **ends, **apart)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path]) -> Path:
    """Two variants after three regimes; scores of the second and third are about 2 and 5 points above the first."""
    variants = ["baseline", "ld"]
    place = write_study(tmp_path_factory.mktemp("domains"), steps=4, variants=variants, regimes=REGIMES)
    store = RowStore(place)
    rows = [r for r in store if r.control in (None, "random_init") and r.variant in (*variants, "random_init")]
    store.path.unlink()
    for row in rows:
        store.append(row)
        for regime, more in SHIFT.items() if row.control is None else ():
            update = {
                "regime": regime,
                "run": f"{regime}{row.run}",
                "score": row.score + more * (1 + 0.01 * (row.seed - 1)),
            }
            store.append(row.model_copy(update=update))
    kinds = ("ld on world", "ld on blend")
    pairs = (
        pair(kinds[0], kinds[0], "other", 0.9),
        pair(kinds[0], kinds[1], "other", 0.6, apart=0.25, apart_low=0.2, apart_high=0.3),
        pair(kinds[0], kinds[1], "same", 0.7, apart=0.15, apart_low=0.1, apart_high=0.2),
        pair(kinds[1], kinds[1], "other", 0.8),
    )
    content = Similarity(
        kinds=kinds,
        seeds=(0, 1, 2),
        runs={},
        missing=("ld on orders seed 0",),
        resamples=10,
        confidence=0.95,
        created="",
        on=(DomainSimilarity(domain="order", clips=256, alike=pairs),),
    )
    write_json(place / similarity.FILE, content.model_dump(mode="json"))
    return place


@pytest.fixture(scope="session")
def evidence(folder: Path) -> StudyEvidence:
    return collect_evidence(folder)


def test_the_answer_compares_mixed_and_single_regimes(evidence: StudyEvidence) -> None:
    assert evidence.domains is not None and evidence.domains.refusals == ()
    ((over, regime, text),) = domains_section.answer(evidence.domains)
    assert over == "Over 4 benchmarks and 3 seeds, " and regime == "blend"
    assert text.startswith(" is above orders with baseline (+3.0 [+2.9, +3.1]) and ld (+3.0 [+2.9, +3.1])")
    assert "; its worst domain is above that of orders with" in text
    ((best, rank),) = domains_section.ranks(evidence.domains)
    assert (
        best == "ld on blend"
        and "among 6 encoders" in rank
        and rank.endswith("3 seeds and 4 benchmarks are uncertain.")
    )


def test_the_matrix_has_means_and_shades_within_a_column(evidence: StudyEvidence) -> None:
    assert evidence.domains is not None
    head, lines = domains_section.transfer_matrix(evidence.domains, evidence.study)
    assert head == ("pretrained", "Appearance", "Direction", "Fine motion", "Temporal order")
    rows = {(name, below): cells for name, below, cells in lines}
    assert set(rows) == {(v, r) for v in ("baseline", "ld") for r in REGIMES} | {("random init", "not pretrained")}
    for k in range(4):
        column = [(float(cells[k].text), cells[k].heat) for cells in rows.values()]
        assert min(column)[1] == 0 and max(column)[1] == 1
        lowest, highest = rows["ld", "world"][k], rows["ld", "blend"][k]
        assert float(highest.text) - float(lowest.text) == pytest.approx(5, abs=0.11) and "[" in lowest.below


def test_tables_have_a_cell_for_every_column(evidence: StudyEvidence) -> None:
    domains = evidence.domains
    assert domains is not None
    standing = domains_section.standing_rows(domains)
    assert len(standing) == 6 and all(len(row) == len(domains_section.STANDINGS) for row in standing)
    assert [float(row[1].split()[0]) for row in standing] == sorted(float(row[1].split()[0]) for row in standing)
    bests = domains_section.best_rows(domains)
    assert [row[1:3] for row in bests] == [["blend", "orders"]] * 4 and all(
        len(r) == len(domains_section.BESTS) for r in bests
    )
    mixing = domains_section.mixing_rows(domains)
    assert len(mixing) == 2 * 2 * 6 and all(len(row) == len(domains_section.MIXED) for row in mixing)
    assert {row[2] for row in mixing} == {"best single", "mean single"}
    rows = similarity_section.rows(evidence.study.similarity)
    assert len(rows) == 4 and all(len(row) == len(similarity_section.HEAD) for row in rows)


def test_figures_are_described(evidence: StudyEvidence) -> None:
    assert evidence.domains is not None
    rank, worst = domains_section.figures(evidence.domains, {"baseline": 0, "ld": 1})
    assert "whisker" not in rank and worst.count('class="whisker') == 6, "ranks of 3 seeds have no interval"
    assert "ld on blend" in rank and 'class="zero"' not in rank
    assert "points over the random-init encoder" in worst and 'class="zero"' in worst


def test_similarity_is_compared_with_that_of_seeds(evidence: StudyEvidence) -> None:
    first, second = ("".join(s) for s in similarity_section.sentences(evidence.study.similarity, evidence.largest_gap))
    assert "differ most between regimes on order clips" in first
    assert "have a CKA of 0.60 [0.59, 0.61] with different seeds" in first and first.endswith("a CKA of 0.85.")
    assert second == "These encoders were missing and are not compared: ld on orders seed 0."
    ((title, (head, lines)),) = similarity_section.matrices(evidence.study.similarity)
    assert title == "order clips (256)" and head == ("encoders", "ld on world", "ld on blend")
    texts = [[cell.text for cell in cells] for _, _, cells in lines]
    assert texts == [["0.90", "0.60"], ["0.70", "0.80"]]


def test_page_and_markdown_have_the_section(evidence: StudyEvidence) -> None:
    page, text = render(evidence), markdown(evidence)
    assert '<a href="#domains">Domains</a>' in page and page.count('id="domains"') == 1
    assert re.search(r'style="--heat:1.00">\d', page) and "Similarity of the encoders" in page
    for table in ("## Domains", "### Ranks and worst domains", "### Best regimes", "### Mixed against single"):
        assert table in text
    assert "### Similarity of encoders (CKA)" in text
    assert "**blend** is above orders with baseline" in text


def test_with_a_missing_score_the_page_shows_the_matrix_and_names_the_score(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text((folder / "study.yaml").read_text())
    removed = ('"blend"', '"ld"', '"world_order"', '"seed": 2,')
    lines = [x for x in (folder / "rows.jsonl").read_text().splitlines() if not all(part in x for part in removed)]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n")
    evidence = collect_evidence(tmp_path)
    page, text = render(evidence), markdown(evidence)
    assert (
        "No ranks and no comparison of regimes: 1 of 72 scores are missing: ld on blend seed 2 on world_order." in page
    )
    assert 'class="shaded"' in page and "domains-rank" not in page and "Mixed against single" not in page + text


def test_one_regime_has_no_section(study: Path) -> None:
    evidence = collect_evidence(study)
    assert evidence.domains is None and domains_section.section(evidence, {}) is None
    assert 'id="domains"' not in render(evidence) and "## Domains" not in markdown(evidence)


def test_similarity_alone_has_a_section(study: Path, folder: Path) -> None:
    evidence = collect_evidence(study)
    evidence.study.similarity = similarity.read(folder, [])
    page = render(evidence)
    assert "Similarity of the encoders" in page and "Transfer matrix" not in page
    assert "### Similarity of encoders (CKA)" in markdown(evidence)
