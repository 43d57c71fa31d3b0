"""Frozen recognition on real data sets: a probe on official splits, with top-1, top-5 and mean-class accuracy.

Protocols follow the paper (docs/paper/protocols.md) except for two choices. Hyperparameters and epoch are selected on
validation examples. Tokens are centred and whitened. ``ssv2_released`` pools tokens first, as released.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from auxjepa.benchmarks.benchmark import Benchmark, Capability
from auxjepa.benchmarks.measurement import Measurement
from auxjepa.benchmarks.official import official_split, open_official
from auxjepa.benchmarks.score import Scorer
from auxjepa.evidence.statistics.intervals import effective_size
from auxjepa.probes.fit import Score, over_examples
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import Control

LINEAR = Protocol(name="linear", head="linear", epochs=50, batch=256)
ATTENTIVE = Protocol(name="attentive", head="attentive", epochs=20, batch=64, learning_rates=(3e-4, 1e-3, 3e-3))
CONTROLS: tuple[Control, ...] = ("random_init", "majority", "chance")
"""Controls of recognition. Pixels of whole clips aren't a control: there are too many of them."""


def measure(scorer: Scorer, benchmark: Benchmark) -> Score:
    """Return the top-1 accuracy of the examples that could be read. The probabilities of several views are averaged.

    Parts, in percent: ``top5`` accuracy (with more than 5 classes), ``mean_class`` accuracy, ``majority`` class, and
    ``coverage`` of the official test split. For each label column of ``args["attributes"]``, which follows from the
    class, a part gives the share of predicted classes with the right value. If several examples are of one video or
    group, ``effective`` is the equivalent number of independent examples.

    Args:
        scorer: scorer of the encoder.
        benchmark: the benchmark.
    """
    data = scorer.data.model_copy(update={"source": benchmark.source})
    fitted = scorer.fitted(benchmark)
    opened = open_official(data, benchmark.label, "test", views=int(benchmark.args.get("views", 1)), progress=False)
    tokens = scorer.tokens(opened.clips, opened.key, benchmark.protocol.reading.level)
    mean, first = over_examples(fitted.probabilities(tokens).cpu().numpy(), opened.example)
    labels, units = benchmark.numbered(opened.labels)[first], opened.unit[first]
    order = np.argsort(-mean, axis=1)
    correct = order[:, 0] == labels
    train = benchmark.open(scorer.data, "train", progress=False).labels  # labels alone: features are large
    common = int(np.bincount(train, minlength=benchmark.classes).argmax())
    parts = {"top5": 100 * float((order[:, :5] == labels[:, None]).any(1).mean())} if benchmark.classes > 5 else {}
    parts |= {
        "mean_class": 100 * float(np.mean([correct[labels == c].mean() for c in np.unique(labels)])),
        "majority": 100 * float((labels == common).mean()),
        "coverage": 100 * opened.coverage,
    }
    parts |= {
        column: 100 * float((values[order[:, 0]] == values[labels]).mean())
        for column, values in _attributes(scorer, benchmark).items()
    }
    if len(np.unique(units)) < len(units):
        parts["effective"] = effective_size(correct, units)
    score = Score(100 * float(correct.mean()), fitted.validation, correct, fitted.selected, parts)
    return replace(score, units=units, clips=len(opened.labels))


def _attributes(scorer: Scorer, benchmark: Benchmark) -> dict[str, np.ndarray]:
    """Return the value of every class in each attribute, from the training examples."""
    data = scorer.data.model_copy(update={"source": benchmark.source})
    if not benchmark.args.get("attributes"):
        return {}
    manifest, label = official_split(data, benchmark.label, "train")
    values_by_column = {}
    for column in benchmark.args["attributes"]:
        values = np.full(benchmark.classes, -1)
        values[benchmark.numbered(manifest.labels[label])] = manifest.labels[column]
        values_by_column[column] = values
    return values_by_column


def _of(
    source: str,
    title: str,
    label: str,
    classes: int,
    sizes: tuple[int, int],
    capability: Capability,
    protocol: Protocol = ATTENTIVE,
    name: str = "",
    args: dict[str, Any] | None = None,
) -> Benchmark:
    return Benchmark(
        name=name or source,
        title=f"{title} ({classes})",
        capability=capability,
        source=source,
        label=label,
        classes=classes,
        train=sizes[0],
        validation=max(1, sizes[0] // 10),
        test=sizes[1],
        protocol=protocol,
        suite="recognition",
        args=args or {},
        controls=CONTROLS,
    )


EPIC = (67_217, 9_668)
RECOGNITION = (
    _of(
        "diving48",
        "Diving-48",
        "dive",
        48,
        (15_027, 1_970),
        "motion",
        args={"attributes": ["takeoff", "somersault", "twist", "position"]},
    ),
    _of("ssv2", "Something-Something V2", "action", 174, (168_913, 24_777), "order"),
    _of("imagenet100", "ImageNet-100", "object", 100, (126_689, 5_000), "appearance", LINEAR),
    _of("ucf101", "UCF-101", "action", 101, (9_537, 3_783), "motion"),
    _of("hmdb51", "HMDB-51", "action", 51, (3_570, 1_530), "motion"),
    _of("kinetics400", "Kinetics-400", "action", 400, (246_534, 19_906), "motion"),
    _of("kinetics700_2020", "Kinetics-700-2020", "action", 700, (542_352, 34_125), "motion"),
    _of("epic100", "EPIC-Kitchens-100 verb", "verb", 97, EPIC, "motion", name="epic100_verb"),
    _of("epic100", "EPIC-Kitchens-100 noun", "noun", 300, EPIC, "appearance", name="epic100_noun"),
    _of("epic100", "EPIC-Kitchens-100 action", "action", 3_806, EPIC, "other", name="epic100_action"),
)


MEASUREMENT = Measurement(measure=measure, marks_each_clip=True, undisturbed=True)
