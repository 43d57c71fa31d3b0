"""Search for the works that belong to a question, and record the search in a protocol.

By default the search is offline and the corpus is the only source. Online, the cache keeps every page of answers. A
search that was killed resumes from the cache, and a repeated search sends no request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from auxjepa.config import ConfigError, hint
from auxjepa_review.records import Document, Work
from auxjepa_review.search import dedupe
from auxjepa_review.search.concepts import content_stems, parse_question
from auxjepa_review.search.protocol import CORPUS, Protocol, SourceSearch, count_flow
from auxjepa_review.search.screen import Decision, Reader, Rules, decide, screen
from auxjepa_review.search.sources import SOURCES, Hits, Source, local
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.client import Client, SourceError

ABSTRACT_OF = "abstract of "
"""Start of the id of a document that is only the abstract of a work."""


@dataclass(frozen=True)
class SearchResult:
    """The included works, their documents, and the protocol.

    ``documents`` holds those of the corpus and of ``fetch``, followed by the abstracts (see `abstract_only`).
    """

    works: tuple[Work, ...]
    documents: tuple[Document, ...]
    protocol: Protocol


def search_works(
    question: str,
    documents: Sequence[Document] = (),
    *,
    online: bool = False,
    sources: Sequence[str | Source] = tuple(SOURCES),
    limit: int = 50,
    rules: Rules | None = None,
    cache: Path | Cache | None = None,
    mailto: str | None = None,
    fetch: Reader | None = None,
    client: Client | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Callable[[str], None] | None = None,
) -> SearchResult:
    """Search the corpus and, if ``online``, the databases; merge, screen and assess the works.

    Args:
        question: the question in plain words; rules find its concepts (`auxjepa_review.search.concepts`).
        documents: the corpus.
        online: whether the databases are searched.
        sources: names in `SOURCES`, or other sources.
        limit: largest number of works of each online source.
        rules: requirements for a work.
        cache: folder of the answers.
        mailto: address for the databases' operators; ``$AUXJEPA_MAILTO`` if None.
        fetch: reads the full text of an online work that passed screening, like `FullTexts`. Nothing is fetched without
            it. If a text is missing, the abstract is assessed, and the decision's note gives the reason.
        client: HTTP client; one with a deadline of 180 seconds if None.
        now: function that returns the date and time.
        progress: function that is called with a line for every step.

    Raises:
        ConfigError: the question is empty, a source is unknown, two documents have one id, or the cache cannot be
            written. A database that fails raises nothing: the protocol records it, and the search continues.
    """
    question = " ".join(question.split())
    report = progress or (lambda _: None)
    rules = rules or Rules()
    if not question:
        raise ConfigError("the question is empty")
    if limit < 1:
        raise ConfigError(f"limit {limit}: at least 1 work of each source")
    ids = [d.id for d in documents]
    if twice := [i for i in ids if ids.count(i) > 1]:
        raise ConfigError(f"two documents are called {twice[0]!r}")
    terms = parse_question(question)
    if not terms.concepts and not content_stems(question):
        raise ConfigError(f"{question!r} has no word to search for: ask about methods, data or settings")
    databases = [_find_source(source) for source in sources] if online else []  # an unknown name creates no cache
    date = now()

    hits, ordered = local.search_corpus(documents, terms, date)
    searches, works = [], list(hits.works)
    if documents or not online:
        searches.append(_record(CORPUS, "local corpus", terms.plain(), hits, date))
        report(f"local corpus: {len(ordered)} documents")
    if online:
        with client or Client(mailto=mailto, cache=_open_cache(cache), now=now) as http:
            for source in databases:
                text = source.phrase(terms)
                hits = source.search(http, text, limit)
                searches.append(_record(source.name, source.title, text, hits, now()))
                works += hits.works
                report(f"{source.title}: {len(hits.works)} works" + (f"; {hits.error}" if hits.error else ""))

    groups = dedupe.group_works(works)
    decisions, included = [], []
    for group in groups:
        work = dedupe.merge([works[i] for i in group.members])
        local_document = next((ordered[i] for i in group.members if i < len(ordered)), None)
        document, note = local_document, ""
        if document is None and online and fetch and screen(work, None, terms, rules)[0]:
            document, note = _fetch(work, fetch, report)
        decision = decide(document.id if document else dedupe.label(work), work, document, terms, rules, note)
        decisions.append(decision)
        if decision.included:
            included.append((work, document))
    duplicates = dedupe.duplicates(works, groups)
    protocol = Protocol(
        question=question,
        date=date,
        online=online,
        concepts=tuple(c.spellings[0] for c in terms.concepts),
        rules=rules,
        searches=tuple(searches),
        duplicates=duplicates,
        decisions=tuple(decisions),
        flow=count_flow(searches, duplicates, decisions),
    )
    texts = [document for _, document in included if document]
    abstracts = _with_unique_ids([abstract_only(work) for work, document in included if not document and work.abstract])
    report(f"{protocol.flow.included} of {protocol.flow.screened} works belong to the question")
    return SearchResult(tuple(work for work, _ in included), (*texts, *abstracts), protocol)


def abstract_only(work: Work) -> Document:
    """Return a work's abstract as a document of one page, with an id that marks it as an abstract."""
    return Document(id=f"{ABSTRACT_OF}{dedupe.label(work)}", work=work, pages=(work.abstract,))


def _with_unique_ids(documents: Sequence[Document]) -> list[Document]:
    """Return documents with different ids, because works without ids can have equal titles."""
    count: Counter[str] = Counter()
    result = []
    for document in documents:
        count[document.id] += 1
        number = count[document.id]
        result.append(document if number == 1 else document.model_copy(update={"id": f"{document.id} ({number})"}))
    return result


def is_abstract(document: Document) -> bool:
    """Check whether a document is only an abstract."""
    return document.id.startswith(ABSTRACT_OF)


def _fetch(work: Work, fetch: Reader, report: Callable[[str], None]) -> tuple[Document | None, str]:
    """Return the full text, or the reason for which it is missing."""
    report(f"full text of {dedupe.label(work)}")
    try:
        document = fetch(work)
    except SourceError as error:
        report(f"full text of {dedupe.label(work)}: {error}")
        return None, str(error)
    return document, "" if document else "no open full text is known"


def _record(name: str, title: str, query: str, hits: Hits, now: datetime) -> SourceSearch:
    return SourceSearch(
        source=name,
        title=title,
        query=query,
        date=max(hits.dates, default=now if hits.error or not hits.cached else max(hits.cached)),
        reported=hits.total,
        returned=len(hits.works),
        unreadable=hits.unreadable,
        cached=min(hits.cached, default=None),
        error=hits.error,
    )


def _find_source(source: str | Source) -> Source:
    if isinstance(source, Source):
        return source
    if source not in SOURCES:
        raise ConfigError(f"no source is called {source!r}{hint(source, SOURCES)}")
    return SOURCES[source]()


def _open_cache(cache: Path | Cache | None) -> Cache | None:
    if cache is None or isinstance(cache, Cache):
        return cache
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{cache}: {error.strerror}; the cache needs a folder that can be written") from None
    return Cache(cache)


__all__ = ["Decision", "Rules", "SearchResult", "abstract_only", "is_abstract", "search_works"]
