"""Weights of an encoder in the layout of transformers: every weight of the network comes from the file, or an error."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.hf_families import Family
from auxjepa.lists import shorten_list

QUIET = 50
"""Level of the log at which only critical messages are shown."""
SHOWN = 6
"""Number of names of weights in a message."""


def load_network(source: str, folder: Path, family: Family) -> nn.Module:
    """Return the network of a folder, in evaluation mode, on the CPU, in float32.

    No code of the folder runs, and no pickle is opened.

    Args:
        source: name of the encoder, for messages.
        folder: folder in the layout of transformers.
        family: how encoders of this kind are opened.

    Raises:
        ConfigError: if weights are missing, unknown or damaged, or there are none in safetensors.
    """
    if not any(folder.glob("*.safetensors")):
        pickles = [*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth")]
        why = f"only {pickles[0].name}, a pickle, which can run code and is not opened" if pickles else "no weights"
        raise ConfigError(f"{source}: {why}; weights must be in model.safetensors")
    import transformers  # pyright: ignore[reportMissingImports]

    kind = getattr(transformers, family.network, None)
    if kind is None:
        raise ConfigError(f"{source}: transformers {transformers.__version__} has no {family.network}; update it")
    try:
        with _quiet():
            network, report = kind.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                trust_remote_code=False,
                ignore_mismatched_sizes=True,  # they are reported, and become an error below
                dtype=torch.float32,
                **family.options,
            )
    except Exception as error:  # every error of another package becomes one line
        why = " ".join(str(error).split())[:300]
        raise ConfigError(f"{source}: {family.network} can't be loaded ({type(error).__name__}: {why})") from error
    _check_complete(source, family, network, report)
    return network.eval().requires_grad_(False)


def used_weights(network: nn.Module, family: Family) -> dict[str, Tensor]:
    """Return the weights that features depend on, by name.

    Args:
        network: the network.
        family: how encoders of this kind are opened.
    """
    return {name: one for name, one in network.state_dict().items() if not name.startswith(family.unused or ("\0",))}


def _check_complete(source: str, family: Family, network: nn.Module, report: Any) -> None:
    """Check that each weight of a network came from its file, and that the file has no weight of another network."""
    prefix = f"{getattr(network, 'base_model_prefix', '')}."

    def without(names: Iterable[str], expected: tuple[str, ...]) -> list[str]:
        return sorted(n for n in names if not n.removeprefix(prefix).startswith(expected or ("\0",)))

    sizes = [str(one[0]) if isinstance(one, tuple) else str(one) for one in report.get("mismatched_keys", ())]
    faults = {
        "missing": without(report["missing_keys"], family.unused),
        "unexpected": without(report["unexpected_keys"], family.unused + family.other_parts),
        "of another shape": sorted(sizes),
    }
    words = [f"{len(names)} {what} ({shorten_list(names, SHOWN)})" for what, names in faults.items() if names]
    words += [" ".join(str(error).split())[:200] for error in report.get("error_msgs", ())]
    if words:
        raise ConfigError(f"{source}: the weights don't fit {family.network}: {'; '.join(words)}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hide progress bars, warnings and tables of transformers: faults become one line here."""
    from transformers.utils import logging  # pyright: ignore[reportMissingImports]

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity(QUIET)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()
