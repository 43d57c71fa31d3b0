"""Makes a benchmark of labelled videos of one's own or of a prepared data set, and says what people must know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import PrivateAttr

from auxjepa.benchmarks import folder, recognition, world
from auxjepa.benchmarks.benchmark import Benchmark, Labelled
from auxjepa.benchmarks.official import Splits, open_splits
from auxjepa.config import DataConfig
from auxjepa.data.manifest.cut import Cut
from auxjepa.data.manifest.padding import Padding, padding_of, refuse_padding

FLAG = "--allow-padding"


class OpenedBenchmark(Benchmark):
    """A benchmark on labelled videos that are open already: they are scanned, divided and decoded once."""

    _videos: folder.OwnVideos = PrivateAttr()

    @classmethod
    def of(cls, videos: folder.OwnVideos, **fields: Any) -> OpenedBenchmark:
        """Return the benchmark.

        Args:
            videos: the open videos.
            fields: fields of the record.
        """
        benchmark = cls(**fields)
        benchmark._videos = videos
        return benchmark

    def open(self, data: DataConfig, split: str, *, workers: int = 2, progress: bool = True) -> Labelled:
        """Return clips and labels of a split; clips that are cut in another way are opened separately.

        Args:
            data: how clips are cut.
            split: ``train``, ``validation`` or ``test``.
            workers: processes that decode.
            progress: whether progress is shown on standard error.
        """
        if data.model_copy(update={"source": self.source, "mixture": {}}) != self._videos.data:
            return super().open(data, split, workers=workers, progress=progress)
        return Labelled(*self._videos.open(split))


class Asked(NamedTuple):
    """A benchmark that is asked for.

    Args:
        benchmark: the record.
        data: how its clips are cut.
        notes: what people must know, one line each.
        record: the same for JSON.
    """

    benchmark: Benchmark
    data: DataConfig
    notes: Sequence[str]
    record: dict[str, Any]


def ask_own_videos(source: str, label: str, data: DataConfig, clips: int | None, *, allow_padding: bool) -> Asked:
    """Labelled videos of one's own as a benchmark.

    Args:
        source: ``folder:PATH`` or ``shards:URL``.
        data: of the run whose encoder is scored.
        clips: of all videos; one a video (or segment) when None.
        allow_padding: take clips that mostly repeat frames.

    Raises:
        ConfigError: see :func:`auxjepa.benchmarks.folder.open_own`; when most clips mostly repeat frames.
    """
    wanted = data.model_copy(update={"source": source} | ({} if clips is None else {"clips": clips}))
    own = folder.open_own(wanted, label, one_each=clips is None)
    padding = own.padding
    if not (allow_padding or data.allow_padding):
        refuse_padding(padding, source, FLAG)
    notes = [*own.division.notes, *_padding_note(source, padding), *folder.note_on_pretraining(own, data)]
    sizes = {split: own.clips(split) for split in folder.SPLITS}
    benchmark = OpenedBenchmark.of(
        own,
        name=source,
        version=own.version,
        title=f"{label} in {source}",
        capability="other",
        source=source,
        label=label,
        classes=len(own.division.classes),
        train=sizes["train"],
        validation=sizes["validation"],
        test=own.examples("test"),
        protocol=world.ATTENTIVE,
    )
    record = {"division": {**own.division.record, "clips": sizes}, "padding": padding.record()}
    return Asked(benchmark, own.data, notes, record)


def ask_prepared_set(source: str, label: str, data: DataConfig, *, allow_padding: bool) -> Asked:
    """A prepared data set on its official splits, one clip spread over each video.

    Args: see :func:`ask_own_videos`; clips of public data sets are taken as they are.

    Raises:
        ConfigError: see :func:`auxjepa.benchmarks.official.open_splits`; when most clips mostly repeat frames.
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
    return Asked(benchmark, data, _notes(source, splits, paddings), {"padding": paddings["test"].record()})


def ask_registered(benchmark: Benchmark, data: DataConfig) -> Asked:
    """A registered benchmark; of one on official splits also what there is to say of the data set.

    Raises:
        ConfigError: see :func:`auxjepa.benchmarks.official.open_splits`.
    """
    if benchmark.suite != "recognition":
        return Asked(benchmark, data, (), {})
    splits = open_splits(data.model_copy(update={"source": benchmark.source, "mixture": {}}), benchmark.label)
    paddings, there = _paddings(splits, data), len(splits.numbers)
    notes = _notes(benchmark.name, splits, paddings)
    if there != benchmark.classes:
        counted = f"chance and heads count {benchmark.classes:,} classes, the lists here name {there:,}"
        notes.append(f"{benchmark.name}: {counted}")
    return Asked(benchmark, data, notes, {"padding": paddings["test"].record()})


def _paddings(splits: Splits, data: DataConfig) -> dict[str, Padding]:
    cut = Cut(data.frames, data.size, where="uniform")
    return {split: padding_of(manifest, cut) for split, manifest in splits.manifests.items()}


def _notes(name: str, splits: Splits, paddings: dict[str, Padding]) -> list[str]:
    of_splits = [(f"{name}, {split} split", padding) for split, padding in paddings.items()]
    return [*splits.notes, *(line for one in of_splits for line in _padding_note(*one))]


def _padding_note(name: str, padding: Padding) -> list[str]:
    return [f"{name}: {padding.summary()}"] if padding.summary() else []
