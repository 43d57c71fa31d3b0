"""Anomalies: each rule finds what a test plants, and nothing else; and the anomalies of the published table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auxjepa.evidence.ledger import anomalies, published
from auxjepa.evidence.ledger.entry import Anomaly
from auxjepa.evidence.ledger.published import PublishedScore

Make = Callable[..., PublishedScore]
CONTROLS = ("random_init", "majority", "raw_pixels", "chance")


@pytest.fixture(scope="session")
def published_anomalies() -> list[Anomaly]:
    return anomalies.find_anomalies(published.load())


@pytest.fixture
def clean(make_score: Make) -> list[PublishedScore]:
    """One seed a variant, controls, a large test set and scores that are far apart: there is no anomaly."""
    names = ("baseline", "ld", "fwm", "hw", *CONTROLS)
    return [make_score(variant=v, top1=10.0 + 4 * i, n_test=5000) for i, v in enumerate(names)]


def rules(scores: list[PublishedScore], **options) -> list[str]:
    return [anomaly.rule for anomaly in anomalies.find_anomalies(scores, **options)]


def pick(candidates: list[Anomaly], rule: str, regime: str = "", benchmark: str = "") -> Anomaly:
    (match,) = [a for a in candidates if (a.rule, a.regime, a.benchmark) == (rule, regime, benchmark)]
    return match


def test_a_clean_table_has_no_anomaly(clean: list[PublishedScore]) -> None:
    assert rules(clean) == []


@pytest.mark.parametrize("top1", [0.0, 100.0])
def test_all_right_or_all_wrong_is_no_cluster(clean: list[PublishedScore], make_score: Make, top1: float) -> None:
    same = [make_score(variant=f"k{i}", top1=top1, n_test=5000) for i in range(4)]
    assert "cluster" not in rules([*clean, *same])


def test_identical_counts(clean: list[PublishedScore], make_score: Make) -> None:
    same = [make_score(variant=v, top1=14.0, n_test=5000) for v in ("a", "b")]
    assert "identical_counts" not in rules([*clean, same[0]])  # two equal counts are no anomaly
    three = pick(anomalies.find_anomalies([*clean, *same]), "identical_counts", benchmark="imagenet100")
    assert three.variants == ("mixed/ld", "mixed/a", "mixed/b") and three.numbers["correct"] == 700
    packed = [make_score(variant=f"v{i}", top1=10 + 0.5 * (i % 8), n_test=200) for i in range(24)]
    assert "identical_counts" not in rules(
        [*clean, *packed]
    )  # with few possible counts, equal counts are expected by chance


def test_a_cluster_is_tight_and_apart(clean: list[PublishedScore], make_score: Make) -> None:
    near = [make_score(variant=f"k{i}", top1=60 + 0.1 * i, n_test=5000) for i in range(3)]
    cluster = pick(anomalies.find_anomalies([*clean, *near]), "cluster", "mixed", "imagenet100")
    assert cluster.variants == ("k0", "k1", "k2") and cluster.numbers["spread"] == pytest.approx(0.2)
    assert "cluster" not in rules([*clean, *near[:2]])
    assert "cluster" not in rules([*clean, *near, make_score(variant="n", top1=60.6, n_test=5000)])  # not apart
    wide = [make_score(variant=f"k{i}", top1=60 + 2.0 * i, n_test=5000) for i in range(3)]
    assert "cluster" not in rules([*clean, *wide])


def test_seeds_of_the_reference(clean: list[PublishedScore], make_score: Make) -> None:
    changed = [s.model_copy(update={"seed": 42}) if s.variant == "baseline" else s for s in clean]
    alone = pick(anomalies.find_anomalies(changed), "reference_seed", "mixed", "imagenet100")
    assert alone.numbers == {"in_common": 0} and "seed_noise" not in rules(changed)
    both = anomalies.find_anomalies([*clean, make_score(variant="baseline", seed=42, top1=19.0, n_test=5000)])
    assert pick(both, "reference_seed", "mixed", "imagenet100").numbers == {"in_common": 1}
    noise = pick(both, "seed_noise", "mixed", "imagenet100")
    assert noise.numbers == {"distance": 9.0, "turned": 2, "others": 7}
    assert "2 of 7 variants are between them" in noise.message


def test_unequal_epochs(clean: list[PublishedScore]) -> None:
    changed = [s.model_copy(update={"epochs": 25}) if s.variant == "ld" else s for s in clean]
    anomaly = pick(anomalies.find_anomalies(changed), "unequal_epochs", "mixed", "imagenet100")
    assert anomaly.variants == ("ld",) and anomaly.numbers == {"usual": 50, "odd": 1}


def test_untrained_rows_are_named(clean: list[PublishedScore]) -> None:
    assert "never_trained" not in rules(clean, untrained=["ucf101/ld"])
    anomaly = pick(anomalies.find_anomalies(clean, untrained=["mixed/ld"]), "never_trained")
    assert anomaly.variants == ("mixed/ld",) and "1 score of 8" in anomaly.message


def test_differences_within_sampling_error(clean: list[PublishedScore]) -> None:
    near = [s.model_copy(update={"top1": 10.5}) if s.variant == "ld" else s for s in clean]
    anomaly = pick(anomalies.find_anomalies(near), "within_sampling", "mixed", "imagenet100")
    assert anomaly.variants == ("ld",) and "+25 of 5000" in anomaly.message


def test_tiny_test_sets(clean: list[PublishedScore], make_score: Make) -> None:
    tiny = [make_score(variant=s.variant, benchmark="smd", top1=50, n_test=40) for s in clean]
    anomaly = pick(anomalies.find_anomalies([*clean, *tiny]), "tiny_test", benchmark="smd")
    assert anomaly.numbers["points_per_example"] == 2.5 and "baseline 50.0 [35.2, 64.8]" in anomaly.message


def test_missing_controls_and_cells(clean: list[PublishedScore], make_score: Make) -> None:
    without = [s for s in clean if s.variant not in ("majority", "chance")]
    anomaly = pick(anomalies.find_anomalies(without), "missing_controls")
    assert anomaly.message.startswith("no majority class, no chance in")
    more = [*clean, make_score(variant="ld", benchmark="ssv2", n_test=5000)]
    cells = pick(anomalies.find_anomalies(more), "missing_cells", "mixed")
    assert cells.numbers == {"missing": 7, "planned": 16} and "baseline on ssv2" in cells.message


def test_the_published_coincidence(published_anomalies: list[Anomaly]) -> None:
    same = pick(published_anomalies, "identical_counts", benchmark="diving48")
    assert same.variants == ("mixed/ac", "mixed/fac", "mixed/fwm_hw_ld", "ucf101/baseline")
    assert (same.numbers["correct"], same.numbers["n_test"]) == (165, 1970)


def test_the_published_cluster_and_untrained_rows(published_anomalies: list[Anomaly]) -> None:
    (cluster,) = [a for a in published_anomalies if a.rule == "cluster"]
    assert (cluster.regime, cluster.benchmark) == ("ucf101", "imagenet100")
    assert set(cluster.variants) == {"kinematic_0.1", "kinematic_1.0", "kinematic_accel", "kinematic_split"}
    assert cluster.numbers["spread"] == pytest.approx(0.16) and cluster.numbers["low"] == 13.58
    assert pick(published_anomalies, "never_trained").numbers == {"scores": 18}


def test_the_published_seeds(published_anomalies: list[Anomaly]) -> None:
    for benchmark, points, turned in (("imagenet100", 3.6, 2), ("ssv2", 1.77, 3)):
        noise = pick(published_anomalies, "seed_noise", "mixed", benchmark)
        assert noise.numbers["distance"] == pytest.approx(points) and noise.numbers["turned"] == turned
    seeds = {a.benchmark: a.numbers["in_common"] for a in published_anomalies if a.rule == "reference_seed"}
    assert seeds == {"diving48": 0, "imagenet100": 1, "ssv2": 1}


def test_the_published_probes_examples_and_gaps(published_anomalies: list[Anomaly]) -> None:
    unequal = {a.benchmark: set(a.variants) for a in published_anomalies if a.rule == "unequal_epochs"}
    assert unequal == {b: {"fwm_ld", "hw_ld", "fwm_hw_ld"} for b in ("diving48", "ssv2")}
    diving = pick(published_anomalies, "within_sampling", "mixed", "diving48")
    assert diving.numbers == {"within": 12, "variants": 14} and "fwm_hw_ld −0.30 (−6 of 1970" in diving.message
    assert pick(published_anomalies, "tiny_test", benchmark="smd").numbers["kinematic_0.1 low"] == pytest.approx(
        57.2, abs=0.05
    )
    assert pick(published_anomalies, "missing_controls").numbers == {"missing": 4}
    assert "mgm on diving48" in pick(published_anomalies, "missing_cells", "mixed").message
