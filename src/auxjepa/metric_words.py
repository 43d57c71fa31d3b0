"""Words in names of metrics and columns: accuracies, errors, other scores, and values that are no scores.

A metric has a direction and a range by its name. Imports no torch.
"""

from __future__ import annotations

import math
import re

ACCURACIES = (
    "top1",
    "top_1",
    "acc",
    "accuracy",
    "top1_accuracy",
    "top_1_accuracy",
    "top1_acc",
    "acc1",
    "accuracy_top1",
)
"""Names of the share of correct examples."""
_LOWER = "mse rmse mae absrel rmsle loss error err errors epe fid fvd lpips nll perplexity ppl wer cer"
_HIGHER = (
    "acc accuracy top1 top5 score auc auroc map ap f1 r2 iou miou dice recall precision spearman pearson kendall bleu "
    "psnr ssim"
)
_TRAINING = "train training loss lr grad gradient epoch step runtime timestamp system time memory"
_SETTINGS = (
    "epoch epochs step steps iteration iterations lr learning_rate batch_size weight_decay parameters params flops "
    "gpus time seconds hours index id"
)
_COSTS = "time seconds runtime latency hours minutes params parameters flops gflops memory throughput fps"
LOWER, HIGHER, TRAINING, SETTINGS, COSTS = (
    frozenset(words.split(" ")) for words in (_LOWER, _HIGHER, _TRAINING, _SETTINGS, _COSTS)
)
"""Words of errors, words of scores, words of values that are logged in training, and names of settings and of
costs of a run."""
_PERCENT = (
    "top5 acc5 mean_top1 mean_class mean_class_accuracy balanced_accuracy recall precision f1 f1_score macro_f1 mrr "
    "map mean_average_precision auroc iou miou dice"
)
_CORRELATION = "spearman pearson kendall correlation"
_DISTANCE = "mse rmse mae absrel rmsle error err epe fid fvd perplexity ppl wer cer"
_SHARES, _CORRELATIONS, _DISTANCES = (frozenset(words.split(" ")) for words in (_PERCENT, _CORRELATION, _DISTANCE))
"""Metrics from 0 to 100 (shares in percent, or from 0 to 1), correlations, and errors that are never negative."""
_DIGITS = "0123456789"
_SEPARATORS = re.compile(r"[\s\-@]+")


def words_of(name: str) -> set[str]:
    """Return the words of a name in small letters."""
    return set(re.split(r"[^a-z0-9]+", name.lower()))


def is_accuracy(name: str) -> bool:
    """Check whether a metric is the share of correct examples."""
    return _SEPARATORS.sub("_", name.strip().lower()) in ACCURACIES


def is_error(name: str) -> bool:
    """Check whether less is better by the name of a metric or benchmark."""
    return bool(words_of(name) & LOWER)


def is_score(name: str) -> bool:
    """Check whether a logged value is the score of a test by its name."""
    words = words_of(name)
    return bool(words & (HIGHER | LOWER)) and not words & TRAINING


def range_of(metric: str) -> tuple[float, float]:
    """Return the smallest and the largest possible score of a metric, by its name; infinite where nothing is known.

    Args:
        metric: name of the metric; shares may be in percent or from 0 to 1.
    """
    name = _SEPARATORS.sub("_", metric.strip().lower())
    names = {name, name.rstrip(_DIGITS).rstrip("_").removesuffix("_at")}
    if names & _SHARES or name in ACCURACIES:
        return 0.0, 100.0
    if name == "r2":
        return -math.inf, 100.0
    if names & _CORRELATIONS:
        return -100.0, 100.0
    return (0.0, math.inf) if names & _DISTANCES else (-math.inf, math.inf)
