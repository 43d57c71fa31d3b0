"""Verdicts from numbers in a table and from facts, and the verdicts on the published table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.ledger import published
from auxjepa.evidence.ledger.claims import Claim, load
from auxjepa.evidence.ledger.entry import Entry, tally
from auxjepa.evidence.ledger.ledger import Facts, verify
from auxjepa.evidence.ledger.published import PublishedScore

MakeClaim = Callable[..., Claim]
MakeScore = Callable[..., PublishedScore]


@pytest.fixture(scope="session")
def entries() -> dict[str, Entry]:
    return {entry.claim.id: entry for entry in verify(load().claims, published.load())}


def state(entry: Entry, name: str) -> str:
    return next((check.state for check in entry.checks if check.name == name), "")


def paired(make_score: MakeScore, ld: list[float], baseline: list[float], **changes) -> list[PublishedScore]:
    scores = [make_score(variant="ld", seed=i, top1=t, n_test=1000, **changes) for i, t in enumerate(ld)]
    return scores + [make_score(variant="baseline", seed=i, top1=t, n_test=1000) for i, t in enumerate(baseline)]


UP = [26.0, 27.0, 25.0, 26.5, 27.5, 26.0, 25.5, 26.5]
FLAT = [20.0, 20.5, 19.5, 20.2, 20.8, 19.8, 20.1, 20.4]


def test_one_seed_supports_nothing_and_eight_can(make_score: MakeScore, make_claim: MakeClaim) -> None:
    claim = make_claim("direction", direction="up")
    (single,) = verify([claim], paired(make_score, UP[:1], FLAT[:1]))
    assert (single.word, single.arithmetic) == ("not testable", "holds")
    assert "1 seed can screen but not confirm" in single.sentence
    (eight,) = verify([claim], paired(make_score, UP, FLAT))
    assert (eight.word, eight.arithmetic) == ("supported", "holds") and "sign-flip p 0.0078" in eight.sentence
    (noisy,) = verify([claim], paired(make_score, [24.0, 16.0, 24.0, 16.5, 24.0, 17.0, 23.0, 20.0], FLAT))
    assert (noisy.word, noisy.arithmetic) == ("inconclusive", "holds")


def test_one_seed_refutes_no_more_than_it_supports(make_score: MakeScore, make_claim: MakeClaim) -> None:
    """A difference of 6 points on 1,000 clips (p 0.002) is one seed, whatever the clips say."""
    claims = [
        make_claim("direction", direction="down"),
        make_claim("difference", expected=-6.0),
        make_claim("range", low=-7.0, high=-5.0),
        make_claim("count", direction="down", count=1),
        make_claim("ordering", direction="down", among=["ld", "fwm"]),
    ]
    few = paired(make_score, UP[:1], FLAT[:1])
    few += [make_score(variant="fwm", seed=0, top1=25.5, n_test=1000)]
    for entry in verify(claims, few):
        assert (entry.word, entry.arithmetic) == ("not testable", "fails"), entry.claim.kind
        assert "the table contradicts the claim, but 1 seed can screen but not confirm" in entry.sentence
    (eight,) = verify(claims[:1], paired(make_score, UP, FLAT))
    assert (eight.word, eight.arithmetic) == ("refuted", "fails") and "sign-flip p 0.0078" in eight.sentence
    (noisy,) = verify(claims[:1], paired(make_score, [24.0, 16.0, 24.0, 16.5, 24.0, 17.0, 23.0, 20.0], FLAT))
    assert (noisy.word, noisy.arithmetic) == ("inconclusive", "fails")


def test_a_number_that_the_table_contradicts_is_not_supported_by_its_direction(
    make_score: MakeScore, make_claim: MakeClaim
) -> None:
    (entry,) = verify([make_claim("difference", expected=2.0)], paired(make_score, UP, FLAT))
    assert (entry.word, entry.arithmetic) == ("not testable", "fails")
    assert "only its direction can be tested" in entry.sentence and "sign-flip p 0.0078" in entry.sentence


def test_pixel_prediction_is_not_refuted_by_eighteen_clips(entries: dict[str, Entry]) -> None:
    entry = entries["pixel_prediction_weakest"]
    assert (entry.word, entry.arithmetic) == ("not testable", "fails")
    assert "585 and 567 of 5000 examples, p 0.59" in entry.sentence and "1 seed can screen" in entry.sentence
    refuted = [e.claim.id for e in entries.values() if e.word == "refuted"]
    assert refuted == ["imagenet100_losers"], "a statement about the table"


def test_unequal_probes_and_untrained_networks_support_nothing(make_score: MakeScore, make_claim: MakeClaim) -> None:
    claim = make_claim("direction", direction="up")
    (unequal,) = verify([claim], paired(make_score, UP, FLAT, epochs=25))
    assert unequal.word == "not testable" and "unequal probe epochs: 25 against 50" in unequal.sentence
    assert state(unequal, "probe_epochs") == "problem"
    renamed = [
        s.model_copy(update={"regime": "ucf101", "variant": s.variant.replace("ld", "kinematic_split")})
        for s in paired(make_score, UP, FLAT)
    ]
    kinematic = claim.model_copy(update={"regime": "ucf101", "variants": ("kinematic_split",)})
    (untrained,) = verify([kinematic], renamed)
    assert untrained.word == "not testable" and "random initialisation" in untrained.sentence


def test_arithmetic_decides_statements_on_the_table(make_score: MakeScore, make_claim: MakeClaim) -> None:
    scores = paired(make_score, UP[:1], FLAT[:1])
    fields = {"about": "table", "variants": [], "direction": "up"}
    true, false = verify(
        [make_claim("count", id="a", count=1, **fields), make_claim("count", id="b", count=0, **fields)], scores
    )
    assert (true.word, false.word) == ("supported", "refuted")


@pytest.mark.parametrize(
    ("fields", "facts", "word", "text"),
    [
        ({"fact": "a.n", "expected": 768}, {"a.n": 768.0}, "supported", "a.n is 768"),
        ({"fact": "a.n", "expected": 768}, {"a.n": 3072.0}, "refuted", "a.n is 3072, not 768"),
        ({"fact": "a.n", "expected": True}, {"a.n": False}, "refuted", "false, not true"),
        ({"fact": "a.n", "direction": "up"}, {"a.n": 0.1}, "supported", "0.1"),
        ({"fact": "a.n", "direction": "up"}, {"a.n": 0.0}, "refuted", "not above 0"),
        ({"fact": "a.n", "direction": "down", "threshold": 2}, {"a.n": 3.0}, "refuted", "not below 2"),
        ({"fact": "a.n", "expected": 1}, None, "not testable", "not executed, add --execute"),
        ({"fact": "a.n", "expected": 1}, {}, "not testable", "a.n was not measured"),
        ({}, {"a.n": 1.0}, "not testable", "an interpretation"),
    ],
)
def test_structural_claims(make_claim: MakeClaim, fields: dict, facts: Facts | None, word: str, text: str) -> None:
    (entry,) = verify([make_claim("structural", **fields)], [], facts)
    assert entry.word == word and text in entry.sentence
    answers = {"supported": "holds", "refuted": "fails", "not testable": "not in table"}
    assert entry.arithmetic == answers[word]


def test_entries_keep_the_order_of_claims(entries: dict[str, Entry]) -> None:
    assert list(entries) == [claim.id for claim in load().claims]


def test_the_headline_on_diving48_is_six_clips(entries: dict[str, Entry]) -> None:
    entry = entries["fwm_hw_ld_diving48"]
    assert (entry.word, entry.arithmetic) == ("not testable", "holds")
    for text in ("−0.30", "165 against 171 of 1970 examples (p 0.78)", "unequal probe epochs: 50 against 100"):
        assert text in entry.sentence
    assert "no baseline of the same seed 239 on diving48" in entry.sentence
    states = {check.name: check.state for check in entry.checks}
    ok, unknown = ["trained"], ["same_seed", "pairing"]
    problems = ["seeds", "probe_epochs", "sampling", "identical", "controls"]
    assert states == dict.fromkeys(ok, "ok") | dict.fromkeys(unknown, "unknown") | dict.fromkeys(problems, "problem")


def test_sentences_give_differences_of_the_same_seed(entries: dict[str, Entry]) -> None:
    assert "of the same seed 239 instead of 42: +9.52" in entries["fwm_hw_ld_imagenet100"].sentence
    assert "imagenet100 +1.54, the opposite sign" in entries["ld_hurts"].sentence
    assert "ssv2 +0.38, the opposite sign" in entries["fwm_hurts"].sentence


def test_counts_are_computed_again(entries: dict[str, Entry]) -> None:
    entry = entries["imagenet100_losers"]
    assert entry.word == "refuted" and "11 of 15 lose more than 5 points" in entry.sentence
    assert "not 10 of 14" in entry.sentence and "same seed: 5 of 15" in entry.sentence
    assert "without mgm, which has no score on diving48, it is exactly 10 of 14" in entry.sentence


def test_a_variant_without_a_score_is_named_only_where_the_count_holds_without_it(
    make_score: MakeScore, make_claim: MakeClaim
) -> None:
    """Three variants lose; one of them has no score on the second benchmark."""
    tops = {"baseline": 30.0, "ld": 20.0, "fwm": 20.0, "hw": 20.0, "delta": 29.0}
    scores = [make_score(v, top1=t) for v, t in tops.items()]
    scores += [make_score(v, top1=t, benchmark="ssv2") for v, t in tops.items() if v != "hw"]
    fields = {"about": "table", "variants": [], "direction": "down", "threshold": 5}
    claims = [make_claim("count", id=f"{n}{of}", count=n, of=of, **fields) for n, of in ((2, 3), (1, 3), (3, 4))]
    lower, wrong, right = verify(claims, scores)
    assert "3 of 4 lose more than 5 points on imagenet100, not 2 of 3; without hw, which has no" in lower.sentence
    assert lower.word == wrong.word == "refuted" and right.word == "supported"
    assert "without" not in wrong.sentence + right.sentence


def test_kinematic_claims_are_about_an_untrained_network(entries: dict[str, Entry]) -> None:
    for name in ("kinematic_imagenet100", "kinematic_smd"):
        assert (entries[name].word, entries[name].arithmetic) == ("not testable", "holds")
        assert state(entries[name], "trained") == "problem"
    assert "72.5 % of 40 is 57.2 to 83.9" in entries["kinematic_smd"].sentence
    assert entries["kinematic_cluster"].word == "supported"
    assert "kinematic_huber" in entries["kinematic_diving48"].sentence.partition("outside")[2]


def test_no_claim_on_an_objective_is_supported_by_single_seeds(entries: dict[str, Entry]) -> None:
    supported = [e.claim.id for e in entries.values() if e.word == "supported"]
    assert supported == ["kinematic_cluster"]  # a statement about the table
    assert tally(entries.values()) == {
        "supported": 1,
        "refuted": 1,
        "flagged": 0,
        "inconclusive": 0,
        "not testable": 37,
    }


def test_every_entry_is_one_sentence_and_one_line(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        assert entry.sentence.endswith(".") and "\n" not in entry.sentence
        flat = entry.flat()
        assert flat["verdict"] == entry.word and flat["sources"]
