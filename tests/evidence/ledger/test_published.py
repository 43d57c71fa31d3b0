"""The published table as typed rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auxjepa.config import ConfigError
from auxjepa.evidence.ledger import published
from auxjepa.evidence.ledger.published import PublishedScore, load, main_heads, quote, two_shares_p

Make = Callable[..., PublishedScore]


def test_the_package_contains_the_transcribed_table(shared: Path) -> None:
    assert published.TABLE.read_bytes() == (shared / "published" / "results.csv").read_bytes()


def test_every_score_is_a_number_of_examples() -> None:
    scores = load()
    assert len(scores) == 88
    for s in scores:
        low, high = s.counts
        assert low <= s.correct <= high and round(100 * s.correct / s.n_test, 2) == pytest.approx(s.top1)
        assert low == high or (s.benchmark == "ssv2" and high - low <= 2)


def test_counts_by_hand(make_score: Make) -> None:
    assert make_score(top1=8.38, n_test=1970).counts == (165, 165)
    assert make_score(top1=8.38, n_test=1970).correct == 165
    assert make_score(top1=11.6, n_test=24777).counts == (2873, 2875)
    assert make_score(top1=0, n_test=40).correct == 0 and make_score(top1=100, n_test=40).correct == 40


def test_a_score_without_a_matching_count_is_an_error(make_score: Make) -> None:
    with pytest.raises(ValueError, match=r"no number of 40 examples gives 71.00 %"):
        make_score(top1=71, n_test=40)


HEAD = ",".join(published.COLUMNS)
LINE = "mixed,ac,239,diving48,attentive,100,15027,1970,48,8.38"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEAD[:-13]}\n", "column 'top1_percent' is missing"),
        (f"{HEAD}\n{LINE}\n{LINE}\n", "mixed ac 239 diving48 attentive is scored twice"),
        (f"{HEAD}\n{LINE.replace('8.38', '8.40')}\n", "line 2: no number of 1970 examples gives 8.40 %"),
        (f"{HEAD}\n{LINE.replace('239', 'two')}\n", "line 2: seed: "),
        (f"{HEAD}\n{LINE.removesuffix(',8.38')}\n", "line 2: top1: "),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(path)
    assert message in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_missing_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "none.csv")


def test_untrained_rows_are_those_of_released_variants_without_teacher() -> None:
    names = published.untrained_rows()
    assert {name for name in names if "kinematic" not in name} == {"ucf101/sigreg_no_ema"}
    assert len(names) == 7 and "ucf101/sigreg" not in names and "mixed/fwm" not in names


def test_the_main_head_is_that_of_most_scores(make_score: Make) -> None:
    scores = [make_score(variant=v) for v in "abc"] + [make_score(variant="a", head="other", top1=60)]
    assert main_heads(scores) == scores[:3]


def test_quoted_by_hand(make_score: Make) -> None:
    reference = [make_score(variant="baseline", seed=s, top1=t) for s, t in ((1, 20.0), (2, 30.0))]
    scores = [make_score(variant="ld", seed=2, top1=25.0)]
    quoted = quote(scores, reference, reference_seed=1)
    assert quoted is not None
    assert (quoted.difference, quoted.examples, quoted.same_seed) == (5.0, 10, -5.0)
    assert (quoted.seeds, quoted.reference_seeds, quoted.correct) == ((2,), (1,), (50, 40))
    assert quote(scores, reference, reference_seed=3) is None and quote([], reference) is None
    alone = quote(scores, reference[:1])
    assert alone is not None and alone.same_seed is None


def test_two_shares_by_hand() -> None:
    assert two_shares_p((3, 0), (3, 3)) == pytest.approx(0.1)  # 2 of the 20 equally likely tables
    assert two_shares_p((5, 5), (9, 9)) == 1.0
