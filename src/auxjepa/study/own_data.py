"""Benchmarks of a study on the user's own videos: every label of a folder, and diagnostics that need no labels.

``data`` of a study names the videos. ``benchmarks`` then lists label columns, ``folder`` (names of class folders),
diagnostics, registered benchmarks, or records; ``own`` means all that the videos support. The study keeps a
complete record of each such benchmark, so that workers open the same clips later, and notice when the videos change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from pydantic import Field, ValidationError

from auxjepa import benchmarks, plugins
from auxjepa.benchmarks import Benchmark, diagnostics
from auxjepa.benchmarks.benchmark import Capability
from auxjepa.benchmarks.folder_labels import FOLDER_LABEL
from auxjepa.benchmarks.requested import RequestedBenchmark, request_own_videos
from auxjepa.config import ConfigError, Count, DataConfig, Typed, hint
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.reserved_columns import label_columns
from auxjepa.data.open import FOLDER_KINDS, open_manifest
from auxjepa.rows import Control
from auxjepa.sealed import first_line
from auxjepa.study.plan import StudyConfig

ALL = "own"
"""Entry of ``benchmarks`` that means every label and every diagnostic of the study's videos."""


class OwnBenchmark(Typed):
    """A benchmark on one's own videos, as a study file describes it."""

    name: str
    label: str = Field(default="", description="label column, 'folder', or a diagnostic; the name when unset")
    source: str = Field(default="", description="folder:PATH or shards:URL; the study's data when unset")
    capability: Capability | None = Field(default=None, description="what it measures; 'other' when unset")
    target: Literal["auto", "class", "number"] = Field(
        default="auto", description="whether labels are classes or numbers"
    )
    clips: Count | None = Field(default=None, description="clips of all videos; one a video or segment when unset")
    group_rule: str = Field(default="", description="rule on names that gives groups, such as subject{}_")


class OwnRequest(NamedTuple):
    """Requested benchmarks.

    Args:
        names: names of the benchmarks, in order.
        records: record of each benchmark on own videos, by name.
        notes: notes for the user, one line each.
        digest: digest of the videos.
    """

    names: list[str]
    records: dict[str, dict[str, Any]]
    notes: list[str]
    digest: str


def request_benchmarks(
    entries: Sequence[Any], source: str, data: DataConfig, capabilities: Mapping[str, str], manifest: Manifest
) -> OwnRequest:
    """Return the benchmarks that a study file lists.

    Args:
        entries: names and records.
        source: videos of the study, ``folder:PATH`` or ``shards:URL``.
        data: how the study cuts clips.
        capabilities: capability of a benchmark by its name.
        manifest: the videos, see :func:`open_videos`.

    Raises:
        ConfigError: if an entry is not valid, or a requested benchmark cannot be made of the videos.
    """
    for name, capability in capabilities.items():
        if capability not in get_args(Capability):
            words = ", ".join(get_args(Capability))
            raise ConfigError(f"capabilities: {name} can't have the capability {capability!r}; write one of {words}")
    names, records, notes = [], {}, []
    for entry in entries:
        for own, is_optional in _expand(entry, manifest):
            if own.name in (*benchmarks.BENCHMARKS, *plugins.installed(plugins.BENCHMARKS)):
                if is_optional:
                    notes.append(f"no benchmark {own.name!r}: the name is that of a registered benchmark")
                    continue
                if not isinstance(entry, str):
                    raise ConfigError(f"benchmarks: {own.name!r} is a registered benchmark: choose another name")
                names.append(own.name)
                continue
            if is_optional and own.name in names:
                notes.append(f"a column is called {own.name!r} like a diagnostic, and the diagnostic is used")
                continue
            try:
                check_benchmark_name(own.name)
                requested = _request(own, source, data)
            except ConfigError as error:
                if not is_optional:
                    near = hint(own.name, [*diagnostics.DIAGNOSTICS, *benchmarks.BENCHMARKS], listing=False)
                    near = near if "no label column" in str(error) and isinstance(entry, str) else ""
                    raise ConfigError(f"benchmark {own.name!r}: {error}{near}") from None
                notes.append(f"no benchmark {own.name!r}: {error}")
                continue
            capability = own.capability or capabilities.get(own.name) or requested.benchmark.capability
            title = own.name if requested.benchmark.label == (own.label or own.name) else requested.benchmark.title
            update = {"name": own.name, "capability": capability, "title": title}
            records[own.name] = requested.benchmark.model_dump(mode="json") | update
            names.append(own.name)
            notes += [f"{own.name}: {_without_source(note, own.source or source)}" for note in requested.notes]
    unknown = [name for name in capabilities if name not in names]
    if unknown:
        raise ConfigError(f"capabilities: no benchmark is called {unknown[0]!r} (there are {', '.join(names)})")
    if not names:
        raise ConfigError(f"{source}: no benchmark can be made of these videos: {'; '.join(notes)}")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"benchmarks: {twice!r} is listed twice")
    return OwnRequest(names, records, list(dict.fromkeys(notes)), digest_videos(manifest))


def open_videos(source: str, data: DataConfig, *, progress: bool = True) -> Manifest:
    """Return the manifest of a study's videos.

    Args:
        source: videos of the study.
        data: how the study cuts clips; ``root`` is the folder of the scan.
        progress: whether progress and omitted files are shown on standard error.
    """
    whole = data.model_copy(update={"source": source, "mixture": {}, "split": "all"})
    return open_manifest(whole, progress=progress)


def digest_videos(manifest: Manifest) -> str:
    """Return a hash (16 hex digits) of names and contents of the videos, without their labels.

    Args:
        manifest: the videos.
    """
    files = sorted({(entry.file.path, entry.file.hash) for entry in manifest.entries})
    return hashlib.blake2b(repr(files).encode(), digest_size=8).hexdigest()


def check_videos(study: StudyConfig, data: DataConfig) -> None:
    """Check that the files of a study's videos are those with which it began.

    Args:
        study: the study.
        data: how the study cuts clips.

    Raises:
        ConfigError: if files were added, removed or replaced.
    """
    if study.data_digest and digest_videos(open_videos(study.data, data, progress=False)) != study.data_digest:
        raise ConfigError(
            f"files of {study.data} were added, removed or replaced since the study began: restore them, or choose "
            "another --out"
        )


def reopen(benchmark: Benchmark, data: DataConfig) -> Benchmark:
    """Return a benchmark whose videos are open, so that all its splits are scanned, divided and decoded once.

    Args:
        benchmark: a benchmark of the study; a registered one is returned unchanged.
        data: how the run cuts clips.

    Raises:
        ConfigError: if the videos or their labels have changed since the study was written.
    """
    if benchmark.source.partition(":")[0] not in FOLDER_KINDS:
        return benchmark
    args = benchmark.args
    if "diagnostic" in args:
        limits = {key: args[key] for key in ("clips", "each", "seed")}
        requested = diagnostics.request(
            args["diagnostic"], benchmark.source, data, benchmark_name=benchmark.name, progress=False, **limits
        )
    else:
        requested = request_own_videos(
            benchmark.source,
            benchmark.label,
            data,
            args.get("clips"),
            allow_padding=True,
            target="number" if benchmark.suite == "regression" else "class",
            group_rule=args.get("group_rule", ""),
            is_recorded=True,
            progress=False,
        )
    words = {"name", "title", "capability", "protocol", "controls"}
    before, after = benchmark.model_dump(exclude=words), requested.benchmark.model_dump(exclude=words)
    changed = [key for key in before if before[key] != after.get(key)]
    if changed:
        raise ConfigError(
            f"{benchmark.name}: the videos or labels of {benchmark.source} have changed since the study was written "
            f"({', '.join(changed)} differ): restore them, or choose another --out"
        )
    return requested.benchmark.model_copy(update={key: getattr(benchmark, key) for key in words})


def check_benchmark_name(name: str) -> None:
    """Check whether a benchmark on own videos may have this name.

    Args:
        name: the name.

    Raises:
        ConfigError: if a control has the name, or it can't be printed.
    """
    if name in get_args(Control):
        raise ConfigError(f"{name!r} is the name of a control: rename the column, or give a record with another name")
    if not name.isprintable() or not name.strip():
        raise ConfigError(f"{name!r} can't be printed: give a record with another name")


def _without_source(note: str, source: str) -> str:
    """Return a note without the source of the videos at its beginning."""
    return note.partition(": ")[2] if note.startswith(source) and ": " in note[len(source) :] else note


def _expand(entry: Any, manifest: Manifest) -> list[tuple[OwnBenchmark, bool]]:
    """Return the benchmarks of an entry, and whether each is left out if the videos don't support it."""
    if isinstance(entry, Mapping):
        try:
            return [(OwnBenchmark.model_validate(entry), False)]
        except ValidationError as error:
            raise ConfigError(f"benchmarks: {first_line(error)}") from None
    if entry != ALL:
        return [(OwnBenchmark(name=str(entry)), False)]
    columns = label_columns(manifest)
    folders = {path.rpartition("/")[0] for path in manifest.folder_paths}
    names = [*columns, *([FOLDER_LABEL] if len(folders) > 1 and FOLDER_LABEL not in columns else [])]
    return [(OwnBenchmark(name=name), True) for name in (*names, *diagnostics.DIAGNOSTICS)]


def _request(own: OwnBenchmark, source: str, data: DataConfig) -> RequestedBenchmark:
    source, label = own.source or source, own.label or own.name
    if label in diagnostics.DIAGNOSTICS:
        if own.group_rule:
            raise ConfigError("group_rule is for labels: a diagnostic groups the parts of each video")
        return diagnostics.request(label, source, data, benchmark_name=own.name, clips=own.clips, progress=False)
    return request_own_videos(
        source,
        label,
        data,
        own.clips,
        allow_padding=data.allow_padding,
        target=own.target,
        group_rule=own.group_rule,
        is_recorded=True,
        progress=False,
    )
