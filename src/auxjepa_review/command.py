"""from a question to graded evidence: search, claims, verification, reviewers, a report"""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

from pydantic import Field

from auxjepa.cli.flags import UsageError, parse
from auxjepa.config import Count, Typed, hint
from auxjepa.console import print_note
from auxjepa.start import check_folder

PUBLISHED = Path("published")


class Command(Typed):
    """Review what documents say on a question: claims, verification, reviewers, a report. Offline unless asked."""

    question: str = Field(default="", description="in plain words")
    corpus: tuple[Path, ...] = Field(default=(), description="folders and files: PDF, HTML, Markdown, text")
    from_study: Path | None = Field(
        default=None, description="review a study folder by its measurements, or 'published': the paper's table"
    )
    out: Path = Field(default=Path("out/review"), description="folder of the report")
    online: bool = Field(default=False, description="search arXiv, OpenAlex, Semantic Scholar and Crossref too")
    full_text: bool = Field(default=False, description="with --online: fetch open full texts, not abstracts alone")
    sources: tuple[str, ...] = Field(default=(), description="which databases; all when unset")
    limit: Count = Field(default=50, description="works of each database")
    mailto: str = Field(default="", description="address for the databases' operators; $AUXJEPA_MAILTO when unset")
    cache: Path | None = Field(default=None, description="answers of the databases; OUT/cache when unset")
    lexicon: Path | None = Field(default=None, description="names of methods and benchmarks of another subject (YAML)")
    embed: bool = Field(default=False, description="sentence embeddings beside BM25 (extra `text`)")
    results: Literal["auto", "published", "none"] = Field(
        default="auto", description="hold claims against the paper's table: where a document rests on it, always, never"
    )


def main(argv: list[str]) -> None:
    """Run the command."""
    args = parse(Command, argv, "auxjepa review", ("question",))
    if args.from_study is None and not args.question.strip():
        raise UsageError('which question? auxjepa review "QUESTION" --corpus DIR')
    if args.from_study is not None and (args.corpus or args.online):
        raise UsageError("--from-study reviews a study alone: leave out --corpus and --online")
    if args.full_text and not args.online:
        raise UsageError("--full-text fetches what a search of the databases finds: give --online too")
    if args.sources:
        from auxjepa_review.search.sources import SOURCES

        for name in args.sources:
            if name not in SOURCES:
                raise UsageError(f"no source is called {name!r}{hint(name, SOURCES)}")
        if not args.online:
            raise UsageError("--sources chooses among databases: give --online too")
    check_folder(args.out, "--out")
    from auxjepa_review import report
    from auxjepa_review.outcome import Outcome

    again = shlex.join(["auxjepa", "review", *argv])
    outcome: Outcome
    if args.from_study == PUBLISHED and not PUBLISHED.exists():
        from auxjepa_review.published import from_published

        outcome = from_published(question=args.question, command=again)
    elif args.from_study is not None:
        from auxjepa_review.own import from_study

        outcome = from_study(args.from_study, question=args.question, command=again)
    else:
        from auxjepa_review.review import review
        from auxjepa_review.search.embed import ChildEmbedder
        from auxjepa_review.search.sources import SOURCES
        from auxjepa_review.search.sources.fulltext import FullTexts

        mailto, cache = args.mailto or None, args.cache or (args.out / "cache" if args.online else None)
        with FullTexts(cache=cache, mailto=mailto) if args.full_text else nullcontext() as fetch:
            outcome = review(
                args.question,
                args.corpus,
                online=args.online,
                sources=args.sources or tuple(SOURCES),
                limit=args.limit,
                mailto=mailto,
                cache=cache,
                fetch=fetch,
                lexicon=args.lexicon,
                embed=ChildEmbedder() if args.embed else None,
                results=args.results,
                command=again,
                tell=print_note,
            )
    page = report.build(outcome, args.out)
    from auxjepa_review.report.answer import answer

    for refused in outcome.refused:
        print_note(f"refused: {refused.path}: {refused.reason}")
    print(answer(outcome))
    for quality in outcome.panel.qualities:
        print(f"{quality.score:4.1f} of 10  {quality.document}")
    print(f"\n{page}")
