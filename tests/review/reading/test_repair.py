"""Damaged words come back where one word fits, and stay where none or two do."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auxjepa_review.reading.repair import LOST, Lexicon, clean, has_lost_ligatures, repair


def mended(text: str, *others: str) -> str:
    page = clean(text)
    return repair([page], Lexicon([page, *map(clean, others)]))[0]


@pytest.mark.parametrize(
    ("damaged", "whole"),
    [
        ("Diving-48 (\ufffdne-grained motion)", "Diving-48 (fine-grained motion)"),
        ("material and veri\ufffded against", "material and verified against"),
        ("Con\ufffddence", "Confidence"),
        ("the HW coe\ufffdcient", "the HW coefficient"),
        ("scores re\ufffdect", "scores reflect"),
        ("a \ufffdxed embedding", "a fixed embedding"),
        ("di\ufffderent and e\ufffdcient o\ufffd", "different and efficient off"),
        ("degrade by 2.5\ufffd2.9 points", "degrade by 2.5–2.9 points"),
        ("a +40\ufffd\n45 point improvement", "a +40–45\npoint improvement"),
        ("between 3\ufffd\ufffd\ufffd5% of clips", "between 3–5% of clips"),
        ("the model\ufffds head", "the model’s head"),
        ("ﬁne ﬂow, eﬃcient", "fine flow, efficient"),
        ("2.5â€“2.9 points, NaÃ¯ve, donâ€™t", "2.5–2.9 points, Naïve, don’t"),
        ("soft\u00adware and hy\u00ad\nphens", "software and hyphens\n"),
        ("veri\x01ed coe\x03cients", "verified coefficients"),
        ("a\u00a0b\u200bc\r\nd", "a bc\nd"),
    ],
)
def test_damage_that_one_word_explains(damaged: str, whole: str) -> None:
    assert mended(damaged) == whole


@pytest.mark.parametrize(
    "text",
    [
        "32\ufffd32 pixels",  # a multiplication sign, perhaps
        "0.5\ufffd0.1 points",  # plus or minus
        "2.5\ufffd2.9",  # without a unit
        "the \ufffdxyzzy of it",
        "it was \ufffd said",
        "Âge, Ça va",
    ],
)
def test_what_nothing_explains_stays(text: str) -> None:
    assert mended(text) == text


def test_where_two_words_fit_neither_is_taken() -> None:
    damaged = "a \ufffdat was issued"
    assert mended(damaged, "a fiat", "the plain") == damaged  # flat is known to everybody
    assert mended(damaged, "a fiat and a flat") == damaged
    assert mended("the stu\ufffd", "stufi", "stuff") == "the stu\ufffd"


def test_words_of_other_documents_count() -> None:
    assert mended("the zyg\ufffdex", "a zygflex and its zygflexes") == "the zygflex"
    assert mended("the zyg\ufffdex") == "the zyg\ufffdex"


@pytest.mark.parametrize(
    ("parted", "joined"),
    [
        ("the be-\nhavior of it", "the behavior\nof it"),
        ("on ImageNet-\n100 in mixed", "on ImageNet-100\nin mixed"),
        ("boosts Im-\nageNet by", "boosts ImageNet\nby"),
        ("by FWM-HW-\nLD alone", "by FWM-HW-LD\nalone"),
        ("a self-\nsupervised way", "a self-supervised\nway"),
        ("Something-\nSomething V2).", "Something-Something\nV2)."),
        ("veri\ufffd-\ncation, then", "verification,\nthen"),
        ("no parts - \nhere", "no parts - \nhere"),
        ("ends in mid-", "ends in mid-"),
    ],
)
def test_words_parted_at_line_ends(parted: str, joined: str) -> None:
    assert mended(parted) == joined


def test_a_hyphen_stays_where_the_corpus_writes_it() -> None:
    assert mended("a frame-\nwise loss", "frame-wise and frame-wise") == "a frame-wise\nloss"
    assert mended("a frame-\nwise loss", "framewise and framewise") == "a framewise\nloss"


def test_ligatures_that_left_no_mark_are_found_where_a_whole_text_has_none() -> None:
    plain = "the probe reads the tokens and says how much was learned about motion in the video " * 12
    whole = "verified confident define verified confident define"
    assert has_lost_ligatures(clean(plain))
    assert mended(plain + "it was veried and con dent", whole).endswith("it was verified and confident")
    assert mended("it was veried", whole) == "it was veried"  # too short to tell
    assert mended(plain + "first, it was veried", whole).endswith("veried")  # there are ligatures


@example("\u00c3\u00e2\u20ac\u201c")  # misread twice
@example("\u00e2\u20ac\u20ac")  # an en quad that was misread
@given(st.text(st.sampled_from("af il-\n \t\ufffd25.–-éâ€“Ã"), max_size=60))
def test_mending_is_stable_and_never_fails(text: str) -> None:
    once = mended(text)
    assert mended(clean(text)) == once


def test_words_without_damage_never_change() -> None:
    text = "FWM-HW-LD gains +5.92 points (–0.30 on Diving-48) at 2.5–2.9; see self-supervised e.g. ½ × 3 ✓\n\n\tx\ty"
    assert mended(text) == text


@pytest.mark.parametrize("letter", ["a", LOST, "-", " ", "\n", "1", "a-\n", "\t ", "a\ufffd", "Ã", "1\ufffd"])
def test_time_grows_with_length_only(letter: str) -> None:
    text = letter * (50_000 // len(letter))
    start = time.process_time()
    mended(text)
    assert time.process_time() - start < 5
