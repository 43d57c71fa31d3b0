"""Benchmarks of labelled videos of the user or of a prepared data set, with notes for the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from auxjepa.benchmarks import folder, folder_numbers, recognition, world
from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.official import Splits, open_splits
from auxjepa.benchmarks.opened import CLASS_CONTROLS, OTHER_CONTROLS, OpenedBenchmark
from auxjepa.config import DataConfig
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.padding import Padding, padding_of, refuse_padding
from auxjepa.data.open import open_manifest
from auxjepa.probes.protocol import Protocol
from auxjepa.rows import CONTROLS

FLAG = "--allow-padding"
RIDGE = Protocol(name="ridge_r2", head="linear")
"""Protocol of a regression."""


class RequestedBenchmark(NamedTuple):
    """Requested benchmark.

    Args:
        benchmark: the record.
        data: settings with which its clips are cut.
        notes: notes for the user, one line each.
        record: the notes as values for JSON.
    """

    benchmark: Benchmark
    data: DataConfig
    notes: Sequence[str]
    record: dict[str, Any]


def request_own_videos(
    source: str,
    label: str,
    data: DataConfig,
    clips: int | None,
    *,
    allow_padding: bool,
    target: Literal["auto", "class", "number"] = "auto",
    group_rule: str = "",
    is_recorded: bool = False,
    progress: bool = True,
) -> RequestedBenchmark:
    """Return a benchmark on labelled videos of the user: classes, or a number of each clip.

    Args:
        source: ``folder:PATH`` or ``shards:URL``.
        label: label column, see :func:`auxjepa.benchmarks.folder.open_own`.
        data: data configuration of the encoder's run.
        clips: number of clips of all videos; one for each video (or segment) if None.
        allow_padding: whether clips that mostly repeat frames are allowed.
        target: whether labels are classes or numbers; ``auto`` decides by
            :func:`auxjepa.benchmarks.folder_numbers.is_target`.
        group_rule: rule on names that gives groups, see
            :func:`auxjepa.data.manifest.reserved_columns.group_keys`.
        is_recorded: whether the record describes the clips completely, so that a study can open them again and notices
            changes. Its hash then differs from that of a probe.
        progress: whether progress and omitted files are shown on standard error.

    Raises:
        ConfigError: if :func:`auxjepa.benchmarks.folder.open_own` raises it.
        ConfigError: if most clips mostly repeat frames and this isn't allowed.
    """
    wanted = data.model_copy(update={"source": source} | ({} if clips is None else {"clips": clips}))
    if target == "number" or (target == "auto" and _is_target(wanted, label)):
        return _request_numbers(
            wanted,
            label,
            data,
            clips,
            allow_padding=allow_padding,
            group_rule=group_rule,
            is_recorded=is_recorded,
            progress=progress,
        )
    own = folder.open_own(wanted, label, one_each=clips is None, group_rule=group_rule, progress=progress)
    padding = own.padding
    if not (allow_padding or data.allow_padding):
        refuse_padding(padding, source, FLAG)
    notes = [*own.division.notes, *_padding_note(source, padding), *folder.note_on_pretraining(own, data)]
    sizes = {split: own.clips(split) for split in folder.SPLITS}
    fields = {
        "name": source,
        "version": own.version,
        "title": f"{label} in {source}",
        "capability": "other",
        "source": source,
        "label": label,
        "classes": len(own.division.classes),
        **sizes,
        "test": own.examples("test"),
        "protocol": world.ATTENTIVE,
        "args": _args(own, clips, group_rule, is_recorded),
        "controls": CLASS_CONTROLS if is_recorded else CONTROLS,
    }
    benchmark = OpenedBenchmark.of(own, own.data, fields)
    record = {"division": {**own.division.record, "clips": sizes}, "padding": padding.record()}
    return RequestedBenchmark(benchmark, own.data, notes, record)


def _args(own: folder.OwnVideos, clips: int | None, group_rule: str, is_recorded: bool) -> dict[str, Any]:
    args: dict[str, Any] = {"group_rule": group_rule} if group_rule else {}
    if is_recorded:
        args |= {"one_each": True} if clips is None else {"clips": clips}
        args["content"] = own.content
    return args


def _is_target(data: DataConfig, label: str) -> bool:
    manifest = open_manifest(data.model_copy(update={"split": "all", "mixture": {}}), progress=False)
    return folder_numbers.is_target(manifest, label)


def _request_numbers(
    wanted: DataConfig,
    label: str,
    pretrained: DataConfig,
    clips: int | None,
    *,
    allow_padding: bool,
    group_rule: str,
    is_recorded: bool,
    progress: bool,
) -> RequestedBenchmark:
    numbers = folder_numbers.open_numbers(
        wanted, label, one_each=clips is None, group_rule=group_rule, progress=progress
    )
    own, source = numbers.videos, wanted.source
    padding = own.padding
    if not (allow_padding or pretrained.allow_padding):
        refuse_padding(padding, source, FLAG)
    notes = [*own.division.notes, *_padding_note(source, padding), *folder.note_on_pretraining(own, pretrained)]
    sizes = {split: own.clips(split) for split in folder.SPLITS}
    fields = {
        "name": source,
        "title": f"{label} in {source}",
        "capability": "other",
        "source": source,
        "label": label,
        "classes": 1,
        **sizes,
        "test": own.examples("test"),
        "protocol": RIDGE,
        "suite": "regression",
        "args": _args(own, clips, group_rule, is_recorded),
        "metric": "r2",
        "controls": OTHER_CONTROLS,
    }
    benchmark = OpenedBenchmark.of(numbers, own.data, fields)
    record = {"division": {**own.division.record, "clips": sizes}, "padding": padding.record()}
    return RequestedBenchmark(benchmark, own.data, notes, record)


def request_prepared_set(source: str, label: str, data: DataConfig, *, allow_padding: bool) -> RequestedBenchmark:
    """Return a benchmark on the official splits of a prepared data set, with one clip over the length of each video.

    Args:
        source: name of the data set.
        label: label column.
        data: data configuration of the encoder's run.
        allow_padding: whether clips that mostly repeat frames are allowed; they always are for public data sets.

    Raises:
        ConfigError: if :func:`auxjepa.benchmarks.official.open_splits` raises it.
        ConfigError: if most clips mostly repeat frames and this isn't allowed.
    """
    data = data.model_copy(update={"source": source, "mixture": {}})
    splits = open_splits(data, label)
    paddings = _paddings(splits, data)
    for split, padding in paddings.items():
        if not (splits.public or allow_padding or data.allow_padding):
            refuse_padding(padding, f"{source}, {split} split", FLAG)
    contiguous = splits.numbers == list(range(len(splits.numbers)))
    sizes = {split: len(one) for split, one in splits.manifests.items()}
    benchmark = Benchmark(
        name=source,
        version=splits.version,
        title=f"{splits.label} in {source}",
        capability="other",
        source=source,
        label=splits.label,
        classes=len(splits.numbers),
        train=sizes["train"],
        validation=sizes["validation"],
        test=sizes["test"],
        protocol=recognition.ATTENTIVE,
        suite="recognition",
        args={} if contiguous else {"numbers": splits.numbers},
        controls=recognition.CONTROLS,
    )
    return RequestedBenchmark(benchmark, data, _notes(source, splits, paddings), {"padding": paddings["test"].record()})


def request_registered(benchmark: Benchmark, data: DataConfig) -> RequestedBenchmark:
    """Return a registered benchmark. If it uses official splits, its notes describe the data set.

    Args:
        benchmark: the benchmark.
        data: data configuration of the encoder's run.

    Raises:
        ConfigError: if :func:`auxjepa.benchmarks.official.open_splits` raises it.
    """
    if benchmark.suite != "recognition":
        return RequestedBenchmark(benchmark, data, (), {})
    splits = open_splits(data.model_copy(update={"source": benchmark.source, "mixture": {}}), benchmark.label)
    paddings, there = _paddings(splits, data), len(splits.numbers)
    notes = _notes(benchmark.name, splits, paddings)
    if there != benchmark.classes:
        counted = f"chance and heads count {benchmark.classes:,} classes, the lists here name {there:,}"
        notes.append(f"{benchmark.name}: {counted}")
    return RequestedBenchmark(benchmark, data, notes, {"padding": paddings["test"].record()})


def _paddings(splits: Splits, data: DataConfig) -> dict[str, Padding]:
    cut = Cut(data.frames, data.size, where="uniform")
    return {split: padding_of(manifest, cut) for split, manifest in splits.manifests.items()}


def _notes(name: str, splits: Splits, paddings: dict[str, Padding]) -> list[str]:
    of_splits = [(f"{name}, {split} split", padding) for split, padding in paddings.items()]
    return [*splits.notes, *(line for one in of_splits for line in _padding_note(*one))]


def _padding_note(name: str, padding: Padding) -> list[str]:
    return [f"{name}: {padding.summary()}"] if padding.summary() else []
