"""Read statements about networks and code: sizes, and the effect of a component."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auxjepa_review.claims.clauses import Clause
from auxjepa_review.claims.form import Form
from auxjepa_review.claims.lexicon import Fact

_HAS = re.compile(
    r"\b(?:produc|ha[sd]\b|have\b|us(?:es?|ed|ing)\b|output|giv|yield|contain|consist|compris|map|embed|emit|return|is\b|are\b|predict|"
    r"project|encod|with\b)",
    re.I,
)

_MODEL = re.compile(
    r"\b(?:models?|networks?|encoders?|decoders?|backbones?|predictors?|transformers?|ViTs?|embeddings?|features?)\b",
    re.I,
)
_DENIED = re.compile(r"\b(?:not|never|no|off|without)\b|n't\b", re.I)
SIZES = ("dimensions", "channels", "layers", "heads", "parameters")


def read_structural(
    clauses: Sequence[Clause], text: str, facts: Sequence[Fact], has_measurement: bool
) -> Iterator[Form]:
    """Yield the lexicon's facts that a sentence states, and sizes that belong to no fact.

    Args:
        clauses: clauses of the sentence.
        text: the sentence.
        facts: facts of the lexicon.
        has_measurement: whether the sentence already has claims with numbers; facts without a number are still read.
    """
    sizes = [t.quantity for c in clauses for t in c.quantities if t.quantity and t.quantity.what == "dimension"]
    fact_has_size = False
    for fact in facts:
        if not all(re.search(word, text, re.I) for word in fact.words):
            continue
        if not fact.number and _DENIED.search(text):
            continue
        number = next((q for q in sizes if q.noun == fact.number), None)
        if fact.number and number is None:
            continue
        fact_has_size |= number is not None
        yield Form(
            kind="structural",
            variants=fact.variants,
            regime=fact.regime,
            direction=fact.direction,
            expected=number.low if number else fact.expected,
            fact=fact.fact,
            topic=fact.topic,
        )
    sizes = [q for q in sizes if q.noun in SIZES]
    if (
        sizes
        and not fact_has_size
        and not has_measurement
        and _HAS.search(text)
        and (_MODEL.search(text) or clauses[0].variants)
    ):
        for q in sizes:
            variants = clauses[0].variants if not all(t.loose for t in clauses[0].subjects) else ()
            yield Form(
                kind="structural",
                variants=variants,
                expected=q.low,
                topic=f"{' '.join(variants) or 'network'} {q.noun}",
            )
