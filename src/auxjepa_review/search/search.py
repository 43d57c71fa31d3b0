"""From a question to the works that belong to it, with the protocol of how they were found.

Offline unless asked: the corpus is the only source. Online, every page that arrives is kept in the cache, so that a
search that was killed goes on where it stood, and a repeated one asks nobody.
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
from auxjepa_review.search.concepts import content, terms
from auxjepa_review.search.protocol import CORPUS, Asked, Protocol, count
from auxjepa_review.search.screen import Decision, Reader, Rules, decide, screened
from auxjepa_review.search.sources import SOURCES, Hits, Source, local
from auxjepa_review.search.sources.cache import Cache
from auxjepa_review.search.sources.client import Client, SourceError

ABSTRACT = "abstract of "
"""How the id of a document begins that is a work's abstract and nothing more."""


@dataclass(frozen=True)
class Found:
    """Works that were included, what there is of them to read, and the protocol.

    ``documents``: of the corpus and of ``fetch``, then the abstracts (see `abstract_only`).
    """

    works: tuple[Work, ...]
    documents: tuple[Document, ...]
    protocol: Protocol


def search(
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
) -> Found:
    """Search the corpus and, ``online``, the databases; merge, screen, assess.

    Args:
        question: in plain words; its concepts are found by rule (`auxjepa_review.search.concepts`).
        documents: the corpus.
        sources: names of `SOURCES`, or sources of your own.
        limit: works of each online source.
        rules: what is asked of a work.
        cache: folder of the answers.
        mailto: address for the databases' operators; ``$AUXJEPA_MAILTO`` when None.
        fetch: reads the full text of an online work that passed screening, as `FullTexts` does; nothing is fetched
            without it. Where it can't be had, the abstract stands for it, and the decision's note says why.
        client: in place of one of 180 seconds.

    Raises:
        ConfigError: an empty question, an unknown source, two documents of one id, a cache that can't be written. A
            database that fails is none: its line is in the protocol, and the search goes on.
    """
    question = " ".join(question.split())
    tell = progress or (lambda _: None)
    rules = rules or Rules()
    if not question:
        raise ConfigError("the question is empty")
    if limit < 1:
        raise ConfigError(f"limit {limit}: at least 1 work of each source")
    ids = [d.id for d in documents]
    if twice := [i for i in ids if ids.count(i) > 1]:
        raise ConfigError(f"two documents are called {twice[0]!r}")
    asked = terms(question)
    if not asked.concepts and not content(question):
        raise ConfigError(f"{question!r} has no word that a search could go by: ask about methods, data or settings")
    asked_sources = [_source(source) for source in sources] if online else []  # before a cache is made for them
    date = now()

    hits, ordered = local.search(documents, asked, date)
    searches, works = [], list(hits.works)
    if documents or not online:
        searches.append(_asked(CORPUS, "local corpus", asked.plain(), hits, date))
        tell(f"local corpus: {len(ordered)} documents")
    if online:
        with client or Client(mailto=mailto, cache=_cache(cache), now=now) as http:
            for source in asked_sources:
                text = source.phrase(asked)
                hits = source.search(http, text, limit)
                searches.append(_asked(source.name, source.title, text, hits, now()))
                works += hits.works
                tell(f"{source.title}: {len(hits.works)} works" + (f"; {hits.error}" if hits.error else ""))

    groups = dedupe.groups(works)
    decisions, taken = [], []
    for group in groups:
        work = dedupe.merge([works[i] for i in group.members])
        at_hand = next((ordered[i] for i in group.members if i < len(ordered)), None)
        document, note = at_hand, ""
        if document is None and online and fetch and screened(work, None, asked, rules)[0]:
            document, note = _fetched(work, fetch, tell)
        decision = decide(document.id if document else dedupe.label(work), work, document, asked, rules, note)
        decisions.append(decision)
        if decision.included:
            taken.append((work, document))
    duplicates = dedupe.duplicates(works, groups)
    protocol = Protocol(
        question=question,
        date=date,
        online=online,
        concepts=tuple(c.spellings[0] for c in asked.concepts),
        rules=rules,
        searches=tuple(searches),
        duplicates=duplicates,
        decisions=tuple(decisions),
        flow=count(searches, duplicates, decisions),
    )
    read = [document for _, document in taken if document]
    brief = _apart([abstract_only(work) for work, document in taken if not document and work.abstract])
    tell(f"{protocol.flow.included} of {protocol.flow.screened} works belong to the question")
    return Found(tuple(work for work, _ in taken), (*read, *brief), protocol)


def abstract_only(work: Work) -> Document:
    """A work's abstract as a document of one page; its id says that there was nothing more."""
    return Document(id=f"{ABSTRACT}{dedupe.label(work)}", work=work, pages=(work.abstract,))


def _apart(documents: Sequence[Document]) -> list[Document]:
    """Documents with different ids: works without ids may have the same title."""
    seen: Counter[str] = Counter()
    made = []
    for document in documents:
        seen[document.id] += 1
        number = seen[document.id]
        made.append(document if number == 1 else document.model_copy(update={"id": f"{document.id} ({number})"}))
    return made


def is_abstract(document: Document) -> bool:
    """Whether a document is an abstract only."""
    return document.id.startswith(ABSTRACT)


def _fetched(work: Work, fetch: Reader, tell: Callable[[str], None]) -> tuple[Document | None, str]:
    """The full text, else the reason why it can't be had."""
    tell(f"full text of {dedupe.label(work)}")
    try:
        document = fetch(work)
    except SourceError as error:
        tell(f"full text of {dedupe.label(work)}: {error}")
        return None, str(error)
    return document, "" if document else "no open full text is known"


def _asked(name: str, title: str, query: str, hits: Hits, now: datetime) -> Asked:
    return Asked(
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


def _source(source: str | Source) -> Source:
    if isinstance(source, Source):
        return source
    if source not in SOURCES:
        raise ConfigError(f"no source is called {source!r}{hint(source, SOURCES)}")
    return SOURCES[source]()


def _cache(cache: Path | Cache | None) -> Cache | None:
    if cache is None or isinstance(cache, Cache):
        return cache
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{cache}: {error.strerror}; the cache needs a folder that can be written") from None
    return Cache(cache)


__all__ = ["Decision", "Found", "Rules", "abstract_only", "is_abstract", "search"]
