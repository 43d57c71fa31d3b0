"""Review documents on a question: search, claims, verification, reviewers and a report."""

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
    """Review what documents say on a question: claims, verification, reviewers, a report. Offline unless `--online`
    is given."""

    question: str = Field(default="", description="the question in plain words")
    corpus: tuple[Path, ...] = Field(default=(), description="folders and files to read: PDF, HTML, Markdown, text")
    from_study: Path | None = Field(
        default=None, description="review a study folder by its measurements, or 'published': the paper's table"
    )
    out: Path = Field(default=Path("out/review"), description="folder of the report")
    online: bool = Field(default=False, description="search arXiv, OpenAlex, Semantic Scholar and Crossref too")
    full_text: bool = Field(default=False, description="with --online: also fetch open full texts")
    sources: tuple[str, ...] = Field(default=(), description="names of the databases; all if unset")
    limit: Count = Field(default=50, description="largest number of works of each database")
    mailto: str = Field(default="", description="address for the databases' operators; $AUXJEPA_MAILTO if unset")
    cache: Path | None = Field(default=None, description="folder of the databases' answers; OUT/cache if unset")
    lexicon: Path | None = Field(default=None, description="names of methods and benchmarks of another subject (YAML)")
    embed: bool = Field(default=False, description="sentence embeddings in addition to BM25 (extra `text`)")
    results: Literal["auto", "published", "none"] = Field(
        default="auto", description="compare claims with the paper's table: if a document rests on it, always, or never"
    )


def main(argv: list[str]) -> None:
    """Run the command.

    Args:
        argv: arguments of the command.

    Raises:
        UsageError: the arguments do not fit together.
    """
    args = parse(Command, argv, "auxjepa review", ("question",))
    if args.from_study is None and not args.question.strip():
        raise UsageError('which question? auxjepa review "QUESTION" --corpus DIR')
    if args.from_study is not None and (args.corpus or args.online):
        raise UsageError("--from-study reviews a study alone: leave out --corpus and --online")
    if args.full_text and not args.online:
        raise UsageError("--full-text fetches works of the databases: give --online too")
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

    repeat_command = shlex.join(["auxjepa", "review", *argv])
    outcome: Outcome
    if args.from_study == PUBLISHED and not PUBLISHED.exists():
        from auxjepa_review.published_review import review_published

        outcome = review_published(question=args.question, command=repeat_command)
    elif args.from_study is not None:
        from auxjepa_review.study_review import review_study

        outcome = review_study(args.from_study, question=args.question, command=repeat_command)
    else:
        from auxjepa_review.review import run_review
        from auxjepa_review.search.embed import ChildEmbedder
        from auxjepa_review.search.sources import SOURCES
        from auxjepa_review.search.sources.fulltext import FullTexts

        mailto, cache = args.mailto or None, args.cache or (args.out / "cache" if args.online else None)
        with FullTexts(cache=cache, mailto=mailto) if args.full_text else nullcontext() as fetch:
            outcome = run_review(
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
                command=repeat_command,
                progress=print_note,
            )
    page = report.build(outcome, args.out)
    from auxjepa_review.report.answer import answer

    for refused_file in outcome.refused:
        print_note(f"refused: {refused_file.path}: {refused_file.reason}")
    print(answer(outcome))
    for quality in outcome.panel.qualities:
        print(f"{quality.score:4.1f} of 10  {quality.document}")
    print(f"\n{page}")
