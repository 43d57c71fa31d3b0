"""Embeddings from a child process: the same vectors as in this process, errors in a line, and no torch at start."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from auxjepa.config import ConfigError
from auxjepa.probes.text import HashedNgrams
from auxjepa_review.search.embed import ChildEmbedder
from auxjepa_review.search.index import Embedder


def test_a_child_gives_the_vectors_of_its_encoder() -> None:
    embed = ChildEmbedder("hashed")
    assert isinstance(embed, Embedder)
    texts = ["FWM-HW-LD gains", "naïve – “quoted”\nlines"]
    assert embed.key == HashedNgrams().key
    np.testing.assert_array_equal(embed(texts), HashedNgrams()(texts))
    np.testing.assert_array_equal(embed(texts[1:]), HashedNgrams()(texts[1:]))
    child = embed._child[0]
    embed.close()
    assert child.poll() == 0
    with pytest.raises(ValueError, match="no sentences"):
        embed([])


def test_a_missing_encoder_is_reported_in_a_line() -> None:
    with pytest.raises(ConfigError, match="text encoder must be 'minilm', 'hashed' or"):
        ChildEmbedder("nonsense")(["text"])


def test_a_child_that_died_is_reported_in_a_line() -> None:
    embed = ChildEmbedder("hashed")
    assert embed.key
    embed._child[0].kill()
    embed._child[0].wait()
    with pytest.raises(ConfigError, match=r"was killed by SIGKILL \(out of memory\?\)"):
        embed(["text"])


def test_a_corpus_and_its_index_import_no_torch() -> None:
    imports = (
        "import sys, auxjepa_review.reading.corpus, auxjepa_review.search.index, auxjepa_review.search.embed as e\n"
    )
    code = imports + "e.is_installed(); sys.exit('torch' in sys.modules or 'pypdfium2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
