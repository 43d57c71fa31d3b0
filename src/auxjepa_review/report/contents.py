"""A review's outcome as sections, in the order in which reports of this kind have them."""

from __future__ import annotations

from auxjepa.evidence.wording import format_count
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Document, Work
from auxjepa_review.report import claims, reviews
from auxjepa_review.report.answer import answer, subjects
from auxjepa_review.report.blocks import Block, Bullets, Code, Grid, Picture, Prose, Section
from auxjepa_review.search import flow

LIMITATIONS = (
    "Claims are found by rules and a lexicon of names; a claim in words the rules don't know is not in this report.",
    "'Supported' says that the evidence holds the number as it is stated, not that an objective caused it: the column "
    "'ledger' says what may be concluded.",
    "'Not found' is a statement about this corpus, not about the literature.",
    "Documents that repeat one source are one source; whose word a document repeats is read off its references.",
    "Reviewers' scores are checklists: what isn't told counts as not done. Points say how far a document can be relied "
    "on, never whether it is right in the end.",
)


def sections(outcome: Outcome) -> list[Section]:
    """All sections of the report."""
    made = [
        Section("abstract", "Abstract", (Prose(answer(outcome), lead=True),)),
        Section("question", "Introduction", _introduction(outcome)),
        Section("method", "Methodology", _method(outcome)),
        Section("results", "Results", _results(outcome)),
        Section("limitations", "Limitations", _limitations(outcome)),
        Section("claims", "Claims", claims.blocks(outcome.findings)),
        Section("reviews", "Reviews", reviews.blocks(outcome.panel)),
        Section("references", "References", _references(outcome)),
        Section("repeat", "Repeat", _repeat(outcome)),
    ]
    return [section for section in made if section.blocks]


def _introduction(outcome: Outcome) -> tuple[Block, ...]:
    asked = subjects(outcome.question)
    about = f"It asks about {', '.join(asked)}." if asked else "No method, benchmark or setting in it is known by name."
    if outcome.protocol is None:
        return (Prose(f"Research question: {outcome.question}"),)
    read = format_count(len(outcome.documents), "document")
    return (
        Prose(f"Research question: {outcome.question}"),
        Prose(f"{about} This review reads {read}, takes out every claim that can be checked, holds each against "
              f"{outcome.evidence}, and lets six reviewers mark every document without seeing each other."),
    )  # fmt: skip


def _method(outcome: Outcome) -> tuple[Block, ...]:
    made: list[Block] = []
    protocol = outcome.protocol
    if protocol is not None:
        where = (
            "the local corpus and online databases" if protocol.online else "the local corpus; no database was asked"
        )
        made.append(Prose(f"Search of {where}, on {protocol.date:%Y-%m-%d}."))
        head = ("source", "query", "date", "reported", "returned", "from cache of", "error")
        body = tuple(
            (
                asked.title,
                asked.query,
                f"{asked.date:%Y-%m-%d %H:%M}",
                "" if asked.reported is None else str(asked.reported),
                str(asked.returned),
                f"{asked.cached:%Y-%m-%d}" if asked.cached else "",
                asked.error,
            )
            for asked in protocol.searches
        )
        made.append(Grid(head, body, "Searches, as they were sent"))
        made.append(Picture(flow.svg(protocol), "Flow of the search", flow.markdown(protocol)))
        out = [d for d in protocol.decisions if not d.included]
        if out:
            rows = tuple((d.title, d.rule, d.reason) for d in out)
            made.append(Grid(("work", "rule", "reason"), rows, f"Works left out ({len(out)})"))
    if outcome.refused:
        rows = tuple((r.path.name, r.reason) for r in outcome.refused)
        made.append(Grid(("file", "why"), rows, f"Files that were refused ({len(rows)})"))
    if protocol is None:
        told = (
            f"Held against {outcome.evidence}: registered hypotheses by the study's own rule, the claims of the ledger "
            "where it has their variants and benchmarks. The probability is that of the claimed sign, or margin, under "
            "a t distribution around the mean of the paired differences."
        )
        return (*made, Prose(told))
    made.append(
        Prose(
            "Claims are taken out sentence by sentence by rules and a lexicon; equal ones of several documents are one "
            "statement. A statement is held against results where there are any: number with sign and unit, method, "
            "benchmark, setting, comparison. Passages for and against are found by BM25. Where results decide, the "
            "probability is that of a logistic model on these checks, fitted on labelled rows and sentences; where "
            "passages alone do, it is set by rule, not fitted (docs/review/verification.md)."
        )
    )
    return tuple(made)


def _results(outcome: Outcome) -> tuple[Block, ...]:
    made: list[Block] = [Prose(claims.summary(outcome.findings))]
    per = claims.by_document(outcome.documents, outcome.findings)
    if per is not None:
        made.append(per)
    own = claims.own_verdicts(outcome.documents, outcome.findings)
    if own is not None:
        made.append(own)
    against = claims.contradictions(outcome.findings)
    if against:
        made += [Prose("Documents contradict each other, or themselves:"), Bullets(against)]
    return (*made, *reviews.overview(outcome.panel))


def _limitations(outcome: Outcome) -> tuple[Block, ...]:
    if outcome.notes:
        return (Bullets(outcome.notes),)
    lines: list[str] = list(LIMITATIONS)
    if outcome.protocol is not None:
        if not outcome.protocol.online:
            lines.insert(0, "Only the local corpus was read: what isn't in it isn't in this report.")
        lines += [f"{s.title} failed ({s.error}): its works are missing." for s in outcome.protocol.errors]
        known = outcome.protocol.flow.included_abstracts
        if known:
            lines.append(f"{format_count(known, 'work')} known by the abstract only.")
    return (Bullets(tuple(lines)),)


def _references(outcome: Outcome) -> tuple[Block, ...]:
    if not outcome.documents:
        return ()
    return (Bullets(tuple(reference(d) for d in outcome.documents)),)


def reference(document: Document) -> str:
    """A document on one line, its id in front."""
    work = document.work
    who = ", ".join(work.authors[:3]) + (" et al." if len(work.authors) > 3 else "")
    when = f" ({work.year})" if work.year else ""
    parts = [f"{who}{when}".strip(), work.title, work.venue, place(work)]
    return f"[{document.id}] " + ". ".join(part for part in parts if part) + "."


def place(work: Work) -> str:
    """Where a work is found."""
    if work.arxiv:
        return f"arXiv {work.arxiv}"
    return f"doi {work.doi}" if work.doi else work.url or (work.file.name if work.file else "")


def _repeat(outcome: Outcome) -> tuple[Block, ...]:
    made: list[Block] = [Code(outcome.command)] if outcome.command else []
    if outcome.decides:
        made += [
            Prose("The study of this package that asks the same question with measurements:"),
            Code(outcome.decides),
        ]
    took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in outcome.seconds.items())
    on = ", ".join(f"{name} {version}" for name, version in outcome.versions.items())
    made.append(Prose(f"Made {outcome.created}; {on}." + (f" Took: {took}." if took else "")))
    return tuple(made)
