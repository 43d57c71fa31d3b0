"""Score a frozen encoder from elsewhere on the clips of a study or of a probe.

It reads the same videos, splits and time windows as every other encoder. Videos are decoded at the encoder's own size.
Clips that are drawn, as those of the world, are resized.
"""

from __future__ import annotations

from pathlib import Path

from auxjepa.benchmarks.benchmark import Benchmark
from auxjepa.benchmarks.score import Scorer
from auxjepa.config import DataConfig
from auxjepa.data.synthetic import PREFIX
from auxjepa.probes.features import Precision
from auxjepa.probes.fit import Score
from auxjepa.probes.frozen import FrozenEncoder


class ForeignScorer(Scorer):
    """Scorer of an encoder without a run; arguments as of :class:`auxjepa.benchmarks.score.Scorer`.

    Args:
        frozen: the encoder.
        data: settings with which clips are opened.
        seed: seed of the probes.
        features: folder in which token features are stored.
        precision: number format of stored features.
        progress: whether progress is shown on standard error.
    """

    def __init__(
        self,
        frozen: FrozenEncoder,
        data: DataConfig,
        *,
        seed: int,
        features: Path,
        precision: Precision = "float16",
        progress: bool = False,
    ) -> None:
        self._begin(frozen, data, seed, features, precision, progress)


class FrozenScores:
    """Scores of a frozen encoder on benchmarks. Benchmarks share features and fits as in a scorer.

    Args:
        frozen: the encoder.
        data: settings with which the clips of the study are cut. They determine the frames and the hash of rows.
        seed: seed of the probes.
        features: folder in which token features are stored; encoders may share it.
        progress: whether progress is shown on standard error.
    """

    def __init__(
        self, frozen: FrozenEncoder, data: DataConfig, *, seed: int, features: Path, progress: bool = False
    ) -> None:
        self.frozen, self.data, self.seed = frozen, data, seed
        self.features, self.progress = features, progress
        self._scorers: dict[str, ForeignScorer] = {}

    def score(self, benchmark: Benchmark) -> Score:
        """Return the score on a benchmark.

        Args:
            benchmark: the benchmark.

        Raises:
            ConfigError: if the benchmark needs more than a frozen encoder, or the encoder can't read its clips.
            ValueError: if clips or labels don't fit the benchmark.
        """
        data = data_to_read(self.frozen, benchmark.source, self.data)
        key = data.digest()
        if key not in self._scorers:
            self._scorers[key] = ForeignScorer(
                self.frozen, data, seed=self.seed, features=self.features, progress=self.progress
            )
        return self._scorers[key].score(benchmark)


def is_drawn(source: str) -> bool:
    """Check whether the clips of a source are drawn at the size of the data configuration, not decoded from videos.

    Args:
        source: source of a benchmark.
    """
    return source == "world" or source.startswith(("world:", PREFIX))


def data_to_read(frozen: FrozenEncoder, source: str, data: DataConfig) -> DataConfig:
    """Return the settings with which an encoder opens the clips of a source.

    Args:
        frozen: the encoder.
        source: source of a benchmark.
        data: settings of the study, which determine the hash of rows.
    """
    if frozen.size is None or is_drawn(source):
        return data
    return data.model_copy(update={"size": frozen.size})
