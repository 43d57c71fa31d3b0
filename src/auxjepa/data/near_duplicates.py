"""Finds near-duplicates: videos of different bytes that show the same, such as re-encoded, resized or trimmed copies.

Two videos are near-duplicates if most of their frames have close perceptual hashes and the same motion. Hashes alone
would join all clips of a fixed camera. Motion is the difference of a frame from the mean frame of its video.
docs/near_duplicates.md has the measurements that the limits are chosen by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from auxjepa.data.fingerprints import FRAMES, VERSION, Fingerprints, can_hash, fingerprint
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.files import replacing

CLOSE = 14
"""Largest Hamming distance of the hashes (64 bits) of two frames that look alike."""
SAME_MOTION = 0.8
"""Smallest correlation of the motion of two frames that show the same."""
STILL = 0.01
"""Motion of a still video: root mean square, in standard deviations of a frame's grey levels."""
CLOSE_STILL, SAME_STILL = 4, 0.98
"""Largest distance of hashes and smallest correlation of the pictures of two frames of still videos."""
MOST = FRAMES // 2 + 1
"""Number of frames that must agree."""
_CELLS = 4_000_000  # hashes that are compared in one step; bounds the memory
_PAIRS = 2048  # pairs of videos whose motion is compared in one step


@dataclass(frozen=True)
class NearDuplicates:
    """Near-duplicates among the examples of a manifest.

    Args:
        pairs: pairs of examples whose files are near-duplicates, the smaller number first.
        uncompared: number of videos that aren't compared, because most of their frames are flat or can't be read.
        obstacle: why near-duplicates aren't searched; "" if they are.
    """

    pairs: Int[np.ndarray, "p 2"]
    uncompared: int = 0
    obstacle: str = ""

    def among(self, chosen: Int[np.ndarray, " k"], groups: Int[np.ndarray, " k"]) -> Int[np.ndarray, "q 2"]:
        """Return the pairs of different groups among some examples, as positions in ``chosen``.

        Args:
            chosen: numbers of examples, increasing.
            groups: group of each of these examples, which examples of equal content share.
        """
        place = np.full(1 + int(max(self.pairs.max(initial=-1), chosen.max(initial=-1))), -1, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        pairs = place[self.pairs]
        pairs = pairs[(pairs >= 0).all(axis=1)]
        return pairs[groups[pairs[:, 0]] != groups[pairs[:, 1]]]


def find_near_duplicates(manifest: Manifest, root: Path, *, workers: int = 2, progress: bool = True) -> NearDuplicates:
    """Return the near-duplicates among the examples of a manifest.

    Args:
        manifest: the examples.
        root: folder that stores fingerprints.
        workers: processes that decode.
        progress: whether progress is shown on standard error.
    """
    none = np.empty((0, 2), dtype=np.int64)
    if manifest.places:
        return NearDuplicates(none, obstacle="near-duplicates aren't searched in shards, only files of equal content")
    if not can_hash():
        how = "pip install 'auxjepa[duplicates]'"
        return NearDuplicates(none, obstacle=f"only files of equal content are searched; near-duplicates need {how}")
    prints = fingerprint(manifest, root, workers=workers, progress=progress)
    pairs, members = _stored_pairs(prints, root), _examples(manifest, prints.contents)
    named = [(first, second) for a, b in pairs.tolist() for first in members[a] for second in members[b]]
    ordered = np.sort(np.array(named, dtype=np.int64).reshape(-1, 2), axis=1)
    return NearDuplicates(ordered, int((prints.usable.sum(axis=1) < MOST).sum()))


def _stored_pairs(prints: Fingerprints, root: Path) -> Int[np.ndarray, "p 2"]:
    """Return the pairs of :func:`similar_pairs`. They are stored, because every worker of a study needs them."""
    limits = (VERSION, CLOSE, SAME_MOTION, STILL, CLOSE_STILL, SAME_STILL, MOST)
    name = hashlib.blake2b(repr((limits, prints.contents)).encode(), digest_size=12).hexdigest()
    path = root / "manifests" / f"near-{name}.npy"
    with suppress(OSError, ValueError):
        return np.load(path, allow_pickle=False)
    pairs = similar_pairs(prints)
    # A read-only folder costs time, not the result.
    with suppress(OSError), replacing(path) as partial, partial.open("wb") as file:
        np.save(file, pairs)
    return pairs


def _examples(manifest: Manifest, contents: Sequence[str]) -> list[list[int]]:
    """Return the examples of each content."""
    members: dict[str, list[int]] = {content: [] for content in contents}
    for number, entry in enumerate(manifest.entries):
        members[entry.file.hash or entry.file.path].append(number)
    return list(members.values())


def similar_pairs(prints: Fingerprints) -> Int[np.ndarray, "p 2"]:
    """Return the pairs of contents that are near-duplicates, the smaller number first.

    Args:
        prints: fingerprints of the contents.
    """
    pictures = prints.pictures.reshape(len(prints.contents), FRAMES, -1).astype(np.float32)
    level = pictures.mean(axis=2, keepdims=True)
    scaled = (pictures - level) / np.maximum(pictures.std(axis=2, keepdims=True), 1.0)
    motion = scaled - scaled.mean(axis=1, keepdims=True)
    strength = np.sqrt(np.square(motion).mean(axis=(1, 2)))
    is_still = strength < STILL
    similar = [np.empty((0, 2), dtype=np.int64)]
    for pairs in _candidates(prints):
        for start in range(0, len(pairs), _PAIRS):
            some = pairs[start : start + _PAIRS]
            both_usable = prints.usable[some[:, 0]] & prints.usable[some[:, 1]]
            same = (_correlation(motion, some) >= SAME_MOTION) & both_usable & ~is_still[some].any(axis=1)[:, None]
            still = some[is_still[some].all(axis=1)]
            agree = same.sum(axis=1) >= MOST
            agree[is_still[some].all(axis=1)] = _same_still(prints, scaled, still)
            similar.append(some[agree])
    return np.concatenate(similar)


def _candidates(prints: Fingerprints) -> Iterator[Int[np.ndarray, "p 2"]]:
    """Yield the pairs of contents most of whose frames have close hashes."""
    hashes, usable, count = prints.hashes, prints.usable, len(prints.contents)
    rows = max(1, _CELLS // max(1, count * FRAMES))
    for start in range(0, count, rows):
        stop = min(start + rows, count)
        close = np.zeros((stop - start, count - start), dtype=np.uint8)
        for frame in range(FRAMES):
            distance = np.bitwise_count(hashes[start:stop, frame, None] ^ hashes[None, start:, frame])
            close += (distance <= CLOSE) & usable[start:stop, frame, None] & usable[None, start:, frame]
        first, second = np.nonzero(close >= MOST)
        later = second > first
        yield np.stack([first[later], second[later]], axis=1) + start


def _correlation(motion: Float[np.ndarray, "n f d"], pairs: Int[np.ndarray, "p 2"]) -> Float[np.ndarray, "p f"]:
    """Return the correlation of the motion of each frame of the first video with that of the second video's frame at
    the same place, or one frame earlier or later (a trimmed copy is shifted).
    """
    first, second = (motion[pairs[:, side]] for side in range(2))
    first = first / np.maximum(np.linalg.norm(first, axis=2, keepdims=True), 1e-6)
    second = second / np.maximum(np.linalg.norm(second, axis=2, keepdims=True), 1e-6)
    best = np.einsum("pfd,pfd->pf", first, second)
    earlier = np.einsum("pfd,pfd->pf", first[:, 1:], second[:, :-1])
    later = np.einsum("pfd,pfd->pf", first[:, :-1], second[:, 1:])
    best[:, 1:] = np.maximum(best[:, 1:], earlier)
    best[:, :-1] = np.maximum(best[:, :-1], later)
    return best


def _same_still(prints: Fingerprints, scaled: Float[np.ndarray, "n f d"], pairs: Int[np.ndarray, "p 2"]) -> np.ndarray:
    """Return whether most frames of two still videos show the same picture."""
    first, second = pairs.T
    near = np.bitwise_count(prints.hashes[first] ^ prints.hashes[second]) <= CLOSE_STILL
    same = np.einsum("pfd,pfd->pf", scaled[first], scaled[second]) / scaled.shape[2] >= SAME_STILL
    return (near & same & prints.usable[first] & prints.usable[second]).sum(axis=1) >= MOST


def join_groups(groups: Int[np.ndarray, " n"], pairs: Int[np.ndarray, "p 2"]) -> Int[np.ndarray, " n"]:
    """Return groups of which those of each pair are one, numbered in the order of their first example.

    Args:
        groups: group number of each example, 0 … G - 1.
        pairs: pairs of examples.
    """
    if not len(pairs):
        return groups
    count = int(groups.max()) + 1
    ends = groups[pairs]
    links = coo_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count))
    joined = connected_components(links, directed=False)[1][groups]
    _, first, number = np.unique(joined, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number].astype(np.int64)
