"""Arrange the outcome of a review as sections, in the usual order of such reports."""

from __future__ import annotations

from auxjepa.evidence.wording import format_count
from auxjepa_review.outcome import Outcome
from auxjepa_review.records import Document, Work
from auxjepa_review.report import claims, reviews
from auxjepa_review.report.answer import answer, subjects
from auxjepa_review.report.blocks import Block, Bullets, Code, Grid, Picture, Prose, Section
from auxjepa_review.search import flow

LIMITATIONS = (
    "Rules and a lexicon of names find the claims; a claim in words that the rules don't cover is not in this report.",
    "'Supported' means that the evidence contains the number as stated, not that an objective caused it: the column "
    "'ledger' gives what may be concluded.",
    "'Not found' is a statement about this corpus, not about the literature.",
    "Documents that repeat one source count as one source; the references of a document show which source it repeats.",
    "Reviewers' scores are checklists: what a document does not report counts as not done. Points show how far a "
    "document can be relied on, not whether it is right.",
)


def sections(outcome: Outcome) -> list[Section]:
    """Return all sections of the report that have content."""
    all_sections = [
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
    return [section for section in all_sections if section.blocks]


def _introduction(outcome: Outcome) -> tuple[Block, ...]:
    names = subjects(outcome.question)
    about = f"It asks about {', '.join(names)}." if names else "It names no known method, benchmark or setting."
    if outcome.protocol is None:
        return (Prose(f"Research question: {outcome.question}"),)
    read = format_count(len(outcome.documents), "document")
    return (
        Prose(f"Research question: {outcome.question}"),
        Prose(f"{about} This review reads {read}, extracts every claim that can be checked, compares each with "
              f"{outcome.evidence}, and has six reviewers mark every document independently."),
    )  # fmt: skip


def _method(outcome: Outcome) -> tuple[Block, ...]:
    blocks: list[Block] = []
    protocol = outcome.protocol
    if protocol is not None:
        place_searched = (
            "the local corpus and online databases" if protocol.online else "the local corpus; no database was searched"
        )
        blocks.append(Prose(f"Search of {place_searched}, on {protocol.date:%Y-%m-%d}."))
        head = ("source", "query", "date", "reported", "returned", "from cache of", "error")
        body = tuple(
            (
                search.title,
                search.query,
                f"{search.date:%Y-%m-%d %H:%M}",
                "" if search.reported is None else str(search.reported),
                str(search.returned),
                f"{search.cached:%Y-%m-%d}" if search.cached else "",
                search.error,
            )
            for search in protocol.searches
        )
        blocks.append(Grid(head, body, "Searches, as they were sent"))
        blocks.append(Picture(flow.svg(protocol), "Flow of the search", flow.markdown(protocol)))
        left_out = [d for d in protocol.decisions if not d.included]
        if left_out:
            rows = tuple((d.title, d.rule, d.reason) for d in left_out)
            blocks.append(Grid(("work", "rule", "reason"), rows, f"Works left out ({len(left_out)})"))
    if outcome.refused:
        rows = tuple((r.path.name, r.reason) for r in outcome.refused)
        blocks.append(Grid(("file", "reason"), rows, f"Files that were refused ({len(rows)})"))
    if protocol is None:
        text = (
            f"Claims are compared with {outcome.evidence}. The study's own rule decides its registered hypotheses. "
            "Claims of the ledger are included if the study has their variants and benchmarks. The probability is that "
            "of the claimed sign, or margin, under a t distribution around the mean of the paired differences."
        )
        return (*blocks, Prose(text))
    blocks.append(
        Prose(
            "Rules and a lexicon extract claims sentence by sentence; equal claims of several documents are one "
            "statement. A statement is compared with results if there are any: number with sign and unit, method, "
            "benchmark, setting, comparison. BM25 finds passages for and against it. If results decide, the "
            "probability is that of a logistic model on these checks, fitted on labelled rows and sentences; if "
            "passages alone decide, a rule sets it and nothing is fitted (docs/review/verification.md)."
        )
    )
    return tuple(blocks)


def _results(outcome: Outcome) -> tuple[Block, ...]:
    blocks: list[Block] = [Prose(claims.summary(outcome.findings))]
    per_document = claims.by_document(outcome.documents, outcome.findings)
    if per_document is not None:
        blocks.append(per_document)
    own_verdicts = claims.own_verdicts(outcome.documents, outcome.findings)
    if own_verdicts is not None:
        blocks.append(own_verdicts)
    contradictions = claims.contradictions(outcome.findings)
    if contradictions:
        blocks += [Prose("Documents contradict each other, or themselves:"), Bullets(contradictions)]
    return (*blocks, *reviews.overview(outcome.panel))


def _limitations(outcome: Outcome) -> tuple[Block, ...]:
    if outcome.notes:
        return (Bullets(outcome.notes),)
    lines: list[str] = list(LIMITATIONS)
    if outcome.protocol is not None:
        if not outcome.protocol.online:
            lines.insert(0, "Only the local corpus was read. Works that are not in it are not in this report.")
        lines += [f"{s.title} failed ({s.error}): its works are missing." for s in outcome.protocol.errors]
        abstracts_only = outcome.protocol.flow.included_abstracts
        if abstracts_only:
            lines.append(f"Only the abstract of {format_count(abstracts_only, 'work')} was read.")
    return (Bullets(tuple(lines)),)


def _references(outcome: Outcome) -> tuple[Block, ...]:
    if not outcome.documents:
        return ()
    return (Bullets(tuple(reference(d) for d in outcome.documents)),)


def reference(document: Document) -> str:
    """Return a document on one line, which begins with its id."""
    work = document.work
    who = ", ".join(work.authors[:3]) + (" et al." if len(work.authors) > 3 else "")
    when = f" ({work.year})" if work.year else ""
    parts = [f"{who}{when}".strip(), work.title, work.venue, place(work)]
    return f"[{document.id}] " + ". ".join(part for part in parts if part) + "."


def place(work: Work) -> str:
    """Return the identifier or address of a work."""
    if work.arxiv:
        return f"arXiv {work.arxiv}"
    return f"doi {work.doi}" if work.doi else work.url or (work.file.name if work.file else "")


def _repeat(outcome: Outcome) -> tuple[Block, ...]:
    blocks: list[Block] = [Code(outcome.command)] if outcome.command else []
    if outcome.decides:
        blocks += [
            Prose("The study of this package that answers the same question with measurements:"),
            Code(outcome.decides),
        ]
    durations = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in outcome.seconds.items())
    software = ", ".join(f"{name} {version}" for name, version in outcome.versions.items())
    blocks.append(Prose(f"Made {outcome.created}; {software}." + (f" Took: {durations}." if durations else "")))
    return tuple(blocks)
