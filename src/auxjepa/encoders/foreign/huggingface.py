"""``hf:NAME_OR_FOLDER``: encoders of transformers, from a folder or from the local cache of the Hugging Face Hub."""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.encoder_record import EncoderRecord, TokenLayout
from auxjepa.encoders.foreign.foreign_encoder import ForeignEncoder, Network
from auxjepa.encoders.foreign.hf_families import Family, find_family
from auxjepa.encoders.foreign.hf_weights import load_network, used_weights
from auxjepa.encoders.foreign.model_card import read_pretraining
from auxjepa.encoders.foreign.processor_file import read_input_format
from auxjepa.files import read_json
from auxjepa.train.checkpoint import digest

CONFIG = "config.json"


def open_huggingface(source: str, name: str, device: torch.device) -> ForeignEncoder:
    """Return an encoder of transformers. Nothing is downloaded.

    Args:
        source: the source with its prefix.
        name: folder in the layout of transformers, or name on the Hub of an encoder in the local cache.
        device: device of the network.

    Raises:
        ConfigError: if transformers isn't installed, or the encoder can't be opened.
    """
    if find_spec("transformers") is None:
        raise ConfigError(f"{source}: encoders of the Hub need transformers: pip install 'auxjepa[hf]'")
    folder = find_folder(source, name)
    model_type = _read_config(source, folder).get("model_type")
    family = find_family(source, model_type)
    network = load_network(source, folder, family)
    config: Any = network.config
    if getattr(config, "attention_type", "") == "space_only":
        raise ConfigError(f"{source}: attention_type 'space_only' returns no tokens of clips, so it can't be read")
    frames = int(getattr(config, family.frames)) if family.frames else 0
    form = read_input_format(folder, frames)
    if family.size and (side := _side(getattr(config, family.size))) != form.size:
        raise ConfigError(f"{source}: its processor gives {form.size} pixels a side, and its network reads {side}")
    tubelet, patch = _patch(config)
    if form.size % patch or frames % tubelet:
        raise ConfigError(
            f"{source}: clips of {frames or 1} x {form.size} x {form.size} can't be cut into tokens of {tubelet} "
            f"frames and {patch} pixels"
        )
    side = form.size // patch
    layout = TokenLayout(steps=frames // tubelet, rows=side, columns=side)
    weights = used_weights(network, family)
    record = EncoderRecord(
        source=source,
        network=family.network,
        parameters=sum(one.numel() for n, one in network.named_parameters() if n in weights),
        dim=config.hidden_size,
        levels=config.num_hidden_layers + 1,
        weights=digest(weights),
        input=form,
        tokens=layout,
        pretraining=read_pretraining(folder),
        versions={"transformers": version("transformers")},
    )
    return ForeignEncoder(record, _reader(network.to(device), family, layout), device)


def find_folder(source: str, name: str) -> Path:
    """Return the folder of an encoder: the folder itself, or the folder of the local cache.

    Args:
        source: the source with its prefix, for the message.
        name: path, or name on the Hub.

    Raises:
        ConfigError: if there is neither.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download  # pyright: ignore[reportMissingImports]

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError):
        message = "neither a folder nor an encoder in the local cache of the Hub"
        raise ConfigError(f"{source}: {message}; `hf download {name}` fetches one from the Hub") from None


def _read_config(source: str, folder: Path) -> dict[str, Any]:
    try:
        content = read_json(folder / CONFIG)
    except FileNotFoundError:
        raise ConfigError(f"{source}: {folder} has no {CONFIG}, so it holds no encoder of transformers") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{folder / CONFIG}: can't be read ({' '.join(str(error).split())})") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{folder / CONFIG}: must hold keys and values")
    return content


def _side(value: Any) -> int:
    return int(value[0]) if isinstance(value, list | tuple) else int(value)


def _patch(config: Any) -> tuple[int, int]:
    """Return the frames and pixel rows of a token; ViViT has both in one field."""
    tubelet = getattr(config, "tubelet_size", 1)
    if isinstance(tubelet, list | tuple):
        return int(tubelet[0]), int(tubelet[1])
    return int(tubelet), _side(config.patch_size)


def _reader(network: nn.Module, family: Family, layout: TokenLayout) -> Network:
    """Return the function from pixels and a level to tokens in raster order, without class token and registers."""
    leading = family.leading_tokens(network.config)

    def read(pixels: Tensor, level: int) -> Tensor:
        every = level != -1
        output = network(**{family.pixels: pixels}, output_hidden_states=every, **family.call)
        tokens = (output.hidden_states[level] if every else output.last_hidden_state)[:, leading:]
        if family.time_last:
            tokens = tokens.unflatten(1, (-1, layout.steps)).transpose(1, 2).flatten(1, 2)
        return tokens

    return read
