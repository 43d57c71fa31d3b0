"""Scenarios on decisions, for rates.py: families, collapse, copies, deletions, looks, the ledger, single seeds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rates_scores import CHANCE, HEALTHY, SD, UNTRAINED, ceiling, failing, heavy, normal
from rates_studies import make_study, write_folder
from rates_table import Rate, absent, share, streams

from auxjepa.evidence.decisions.registration import Rule
from auxjepa.evidence.ledger.claims import Claim, Source
from auxjepa.evidence.ledger.ledger import verify, verify_study
from auxjepa.evidence.ledger.published import PublishedScore
from auxjepa.evidence.study_folder.folder import Study, load

DECIDED = ("supported", "refuted")
AT_MOST_ALPHA = "at most 5 %"
LOOKS = (6, 8, 10)
WORLD = ("world_appearance", "world_direction", "world_fine_motion", "world_order")


def words(study: Study) -> list[str]:
    """Return the word of every registered hypothesis.

    Args:
        study: a registered study.
    """
    return [outcome.verdict.word for outcome in study.outcomes]


def decided(study: Study) -> bool:
    """Check whether any hypothesis is supported or refuted.

    Args:
        study: a registered study.
    """
    return any(word in DECIDED for word in words(study))


def families(scale: float) -> Iterator[Rate]:
    """Yield family-wise errors of complete studies, and the power that is left where nothing is wrong.

    Args:
        scale: share of the full number of studies.
    """
    kinds = {
        "equal variances": (normal, normal),
        "variant with 4 times the standard deviation": (
            lambda rng, seeds, width=1: normal(rng, seeds, width, sd=4 * SD),
            normal,
        ),
        "heavy tails (t, 3 degrees of freedom)": (heavy, heavy),
        "variant skewed near 100 %, reference tight, equal means": (
            ceiling,
            lambda rng, seeds, width=1: normal(rng, seeds, width, mean=99.0, sd=0.1),
        ),
        "a fifth of the variant's runs fail in part, reference tight, equal means": (
            failing,
            lambda rng, seeds, width=1: normal(rng, seeds, width, sd=0.3),
        ),
    }
    for kind, (variant, reference) in kinds.items():
        for hypotheses, studies in ((1, 1000), (10, 250)):
            hits = []
            for rng in streams(f"family {kind} {hypotheses}", scale * studies):
                scores = {f"v{i}": variant(rng, 10) for i in range(hypotheses)}
                scores |= {"baseline": reference(rng, 10), "random_init": normal(rng, 10, mean=UNTRAINED)}
                claims = [(f"v{i}", "above", "baseline", 0) for i in range(hypotheses)]
                hits.append(decided(make_study(scores, claims, rng)))
            of = "1 hypothesis" if hypotheses == 1 else f"{hypotheses} hypotheses"
            text = f"{kind}: any hypothesis decided, {of}, 10 seeds"
            yield share(f"Family-wise error/{kind}/{hypotheses}", text, AT_MOST_ALPHA, hits)
    for effect in (1.0, 2.0):
        supported, flagged = [], []
        for rng in streams(f"healthy effect {effect}", scale * 800):
            scores = {"v0": normal(rng, 10, mean=HEALTHY + effect * np.sqrt(2) * SD), "baseline": normal(rng, 10)}
            scores["random_init"] = normal(rng, 10, mean=UNTRAINED)
            word = words(make_study(scores, [("v0", "above", "baseline", 0)], rng))[0]
            supported.append(word == "supported")
            flagged.append(word == "flagged")
        text = f"healthy study, true effect of {effect:g} sd of a difference, 10 seeds"
        yield share(f"Family-wise error/power {effect}", f"{text}: supported", "no loss of power", supported)
        yield share(f"Family-wise error/flagged {effect}", f"{text}: flagged without a reason", "few", flagged)


def collapse(scale: float) -> Iterator[Rate]:
    """Yield false decisions where the reference, or both sides, learnt nothing.

    Args:
        scale: share of the full number of studies.
    """
    below = [("v0", "above", "baseline", k) for k in range(4)]
    cases = {
        "reference collapsed on all seeds, variant equal to random init": {"baseline": "collapsed"},
        "reference shrank on all seeds, variant equal to random init": {"baseline": "shrinking"},
        "reference below random init, and its runs claim to be healthy": {},
    }
    for case, verdicts in cases.items():
        hits = []
        for rng in streams(f"collapse {case}", scale * 150):
            scores = {
                "v0": normal(rng, 10, 4, mean=UNTRAINED),
                "baseline": normal(rng, 10, 4, mean=CHANCE + 3),
                "random_init": normal(rng, 10, 4, mean=UNTRAINED),
            }
            hits.append("supported" in words(make_study(scores, below, rng, verdicts=verdicts)))
        yield share(f"Collapse/{case}", f"{case}: any of 4 hypotheses supported", "0 %", hits)
    for place, mean in (("chance", CHANCE), ("100 %", 99.9)):
        hits = []
        for rng in streams(f"both at {place}", scale * 300):
            scores = {name: normal(rng, 10, mean=mean, sd=0.5) for name in ("v0", "baseline", "random_init")}
            claim = [("v0", "equivalent", "baseline", 0, 2.0)]
            hits.append(words(make_study(scores, claim, rng))[0] == "supported")
        text = f"both sides and random init at {place}: equivalence within 2 points supported"
        yield share(f"Collapse/both at {place}", text, "0 %", hits)


def copies(scale: float) -> Iterator[Rate]:
    """Yield false decisions where one network is filed under several seeds, in real study folders.

    Args:
        scale: share of the full number of studies.
    """
    cases = (
        ("one network of the variant filed under 6 seeds", 6, ("v0",), 0.0, 120),
        ("one network of the variant filed under 10 seeds", 10, ("v0",), 0.0, 120),
        ("one network of each side filed under 6 seeds", 6, ("v0", "baseline"), 0.0, 60),
        ("one network of the variant filed under 6 seeds, 1 of 100 marks changed in each copy", 6, ("v0",), 0.01, 60),
        ("10 honest seeds", 10, (), 0.0, 100),
    )
    for text, seeds, copied, changed, studies in cases:
        results = []
        for rng in streams(f"copies {text}", scale * studies):
            scores = {"v0": normal(rng, seeds), "baseline": normal(rng, seeds)}
            scores["random_init"] = normal(rng, seeds, mean=UNTRAINED)
            claim = [("v0", "above", "baseline", 0)]
            study = make_study(scores, claim, rng, clips=500, copied=copied, changed=changed)
            with tempfile.TemporaryDirectory() as folder:
                results.append(words(load(write_folder(study, Path(folder) / "study")))[0])
        hits = [word in DECIDED for word in results]
        yield share(f"Copies/{text}", f"{text}: hypothesis decided", AT_MOST_ALPHA, hits)
        if not copied:
            untested = [word == "not testable" for word in results]
            yield share(f"Copies/{text}, lost", f"{text}: hypothesis not testable", "0 %", untested)


def deletions(scale: float) -> Iterator[Rate]:
    """Yield false decisions where the worst rows of one hypothesis are deleted to make the other one pass.

    Args:
        scale: share of the full number of studies.
    """
    honest, attacked = [], []
    for rng in streams("deletions", scale * 400):
        scores = {name: normal(rng, 10) for name in ("v0", "v1", "baseline")}
        scores["random_init"] = normal(rng, 10, mean=UNTRAINED)
        claims = [("v0", "above", "baseline", 0), ("v1", "above", "baseline", 0)]

        def is_decided(scores=scores, claims=claims, rng=rng) -> bool:
            return decided(make_study(scores, claims, rng, registered_seeds=10, with_marks=False))

        honest.append(is_decided())
        success = honest[-1]
        for victim in ("v0", "v1"):
            difference = (scores[victim] - scores["baseline"])[:, 0]
            for direction in (1, -1):
                for deleted in (2, 4):
                    if success:
                        break
                    rest = scores[victim].copy()
                    rest[np.argsort(direction * difference)[:deleted]] = np.nan
                    success = is_decided({**scores, victim: rest})
        attacked.append(success)
    yield share("Deletion/honest", "2 hypotheses, 10 seeds, nothing deleted: any decided", AT_MOST_ALPHA, honest)
    text = "the same studies after the best deletion of 2 or 4 rows of one hypothesis: any decided"
    yield share("Deletion/attacked", text, "not above the honest rate", attacked)


def looks(scale: float) -> Iterator[Rate]:
    """Yield rates of studies that look at the result at 6, 8 and 10 seeds.

    Args:
        scale: share of the full number of studies.
    """
    rule = Rule.model_validate({"looks": LOOKS}) if "looks" in Rule.model_fields else None
    for effect, studies in ((0.0, 1000), (1.0, 600)):
        by_design: dict[str, list[bool]] = {"fixed": [], "again": [], "registered": []}
        for rng in streams(f"looks {effect}", scale * studies):
            scores = {"v0": normal(rng, 10, mean=HEALTHY + effect * np.sqrt(2) * SD), "baseline": normal(rng, 10)}
            scores["random_init"] = normal(rng, 10, mean=UNTRAINED)
            parts = [{name: values[:seeds] for name, values in scores.items()} for seeds in LOOKS]
            claim = [("v0", "above", "baseline", 0)]
            results = [words(make_study(part, claim, rng, with_marks=False))[0] for part in parts]
            counted = DECIDED if not effect else DECIDED[:1]
            by_design["fixed"].append(results[-1] in counted)
            by_design["again"].append(_first_decision(results) in counted)
            if rule is not None:
                results = [
                    words(make_study(p, claim, rng, with_marks=False, rule=rule, registered_seeds=10))[0] for p in parts
                ]
                by_design["registered"].append(_first_decision(results) in counted)
        state = "no effect: decided" if not effect else f"effect of {effect:g} sd: supported"
        target = AT_MOST_ALPHA if not effect else "close to 10 fixed seeds"
        yield share(f"Sequential/fixed {effect:g}", f"10 seeds, one look; {state}", target, by_design["fixed"])
        text = f"registered again in new folders at 6, 8 and 10 seeds; {state}"
        yield share(f"Sequential/again {effect:g}", text, "software cannot prevent it", by_design["again"])
        name, text = f"Sequential/registered {effect:g}", f"registered looks at 6, 8 and 10 seeds; {state}"
        if rule is None:
            yield absent(name, text, target, "no registered looks")
        else:
            yield share(name, text, target, by_design["registered"])


def ledger(scale: float) -> Iterator[Rate]:
    """Yield the decisions of the ledger on confirming studies without any effect.

    Args:
        scale: share of the full number of studies.
    """
    variants = ("ld", "ld_only", "fwm", "hw", "hw_ld", "fwm_ld", "fwm_hw_ld")
    pairs = [(v, "above", "baseline", k) for v in ("ld", "ld_only", "fwm_hw_ld") for k in range(4)]
    for seeds, text in ((8, "2 of 10 registered seeds missing"), (10, "complete")):
        pages = []
        for rng in streams(f"ledger {seeds}", scale * 150):
            scores = {name: normal(rng, seeds, 4) for name in (*variants, "baseline")}
            scores["random_init"] = normal(rng, seeds, 4, mean=UNTRAINED)
            study = make_study(scores, pairs, rng, benchmarks=WORLD, registered_seeds=10, with_marks=False)
            # Random init really is lower here.
            entries = [entry for entry in verify_study(study) if "random_init" not in entry.claim.variants]
            pages.append(any(entry.word in DECIDED for entry in entries))
        target = "0 %" if seeds < 10 else AT_MOST_ALPHA
        yield share(f"Ledger/{seeds} of 10", f"{text}: any claim of the ledger decided, 12 hypotheses", target, pages)


def single_seeds(scale: float) -> Iterator[Rate]:
    """Yield how often a true claim on a published table with one seed is refuted.

    Args:
        scale: share of the full number of studies.
    """
    fields = {"regime": "mixed", "benchmark": "imagenet100", "head": "linear", "epochs": 50, "n_train": 1000}
    claim = Claim(
        id="ld_helps",
        statement="LD helps",
        kind="direction",
        regime="mixed",
        variants=("ld",),
        benchmarks=("imagenet100",),
        direction="up",
        sources=(Source(document="released_code"),),
    )
    results = []
    for rng in streams("single seeds", scale * 1000):
        scores = np.round(50 + SD * rng.standard_normal(2) + (0, 0.5), 1)
        rows = [
            {**fields, "variant": name, "seed": 239, "n_test": 5000, "classes": 100, "top1": top1}
            for name, top1 in zip(("baseline", "ld"), scores, strict=True)
        ]
        results.append(verify([claim], [PublishedScore.model_validate(row) for row in rows])[0].word)
    text = "published table with 1 seed a side, true effect of 0.5 points as claimed: claim"
    yield share("Single seeds/refuted", f"{text} refuted", "0 %, as supported", [w == "refuted" for w in results])
    yield share("Single seeds/supported", f"{text} supported", "0 %", [w == "supported" for w in results])


def _first_decision(results: Sequence[str]) -> str:
    return next((word for word in results if word in DECIDED), results[-1])
