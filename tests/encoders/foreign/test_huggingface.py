"""Encoders of transformers: tokens, their order, preprocessing, and errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from auxjepa.config import ConfigError
from auxjepa.encoders.foreign.foreign_encoder import ForeignEncoder
from auxjepa.encoders.foreign.huggingface import open_huggingface
from written_encoders import FRAMES, KINDS, PROCESSOR, SIDE, VIDEO, build_network, save_network

CPU = torch.device("cpu")
IMAGE = tuple(kind for kind in KINDS if kind not in VIDEO)


def open_folder(folder: Path) -> ForeignEncoder:
    return open_huggingface(f"hf:{folder}", str(folder), CPU)


def clips(count: int = 2, frames: int = FRAMES, side: int = SIDE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, frames, side, side, 3), dtype=np.uint8)


def pixels_of(some: np.ndarray, *, offset: float = 0.0, scale: float = 1 / 255) -> torch.Tensor:
    """The pixels that an official processor makes of clips that need no resizing."""
    mean, std = (torch.tensor(PROCESSOR[key]).view(3, 1, 1) for key in ("image_mean", "image_std"))
    return (torch.from_numpy(some).permute(0, 1, 4, 2, 3) * scale + offset - mean) / std


def official(kind: str, folder: Path, some: np.ndarray, level: int) -> torch.Tensor:
    """Tokens of the official class on the same pixels, in raster order."""
    import transformers

    network: Any = getattr(transformers, KINDS[kind][0]).from_pretrained(folder, use_safetensors=True).eval()
    pixels = pixels_of(some, offset=-1.0, scale=1 / 127.5) if kind == "vivit" else pixels_of(some)

    def run(argument: str, value: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            output = network(**{argument: value}, output_hidden_states=True)
        return output.last_hidden_state if level == -1 else output.hidden_states[level]

    if kind == "vjepa2":
        return run("pixel_values_videos", pixels)
    if kind in VIDEO:
        tokens = run("pixel_values", pixels)
        if kind == "timesformer":  # places first, then frames, after the class token
            return tokens[:, 1:].unflatten(1, (-1, FRAMES)).transpose(1, 2).flatten(1, 2)
        return tokens[:, 1:] if kind == "vivit" else tokens
    leading = {"dinov2": 1, "dinov2_with_registers": 5, "dinov3_vit": 5}.get(kind, 0)
    frames = [run("pixel_values", pixels[:, number])[:, leading:] for number in range(pixels.shape[1])]
    return torch.cat(frames, dim=1)


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_are_those_of_the_official_class(kind: str, copy_of, edit_json) -> None:
    folder = copy_of(kind)
    if kind == "vivit":  # as in the file of google/vivit-b-16x2-kinetics400
        edit_json(folder / "preprocessor_config.json", rescale_factor=1 / 127.5, offset=True)
    encoder, some = open_folder(folder), clips()
    for level in (-1, 0, 1, 2):
        expected = official(kind, folder, some, level)
        torch.testing.assert_close(encoder.encode(some, level), expected, atol=1e-5, rtol=1e-5)
    steps = encoder.time_steps(FRAMES)
    grid = encoder.grid(FRAMES, SIDE, SIDE)
    assert (steps, 2, 2) == (grid.T, grid.H, grid.W)
    assert steps == {"vjepa2": 2, "videomae": 2, "vivit": 2}.get(kind, 4)
    assert encoder.levels == 3
    with pytest.raises(ConfigError, match="level 3 was requested"):
        encoder.encode(some, 3)


@pytest.mark.parametrize("kind", IMAGE)
def test_tokens_of_a_time_step_depend_on_its_frame_alone(kind: str, hub) -> None:
    encoder, some = open_folder(hub(kind)), clips(1, frames=6)
    before = encoder.encode(some).unflatten(1, (6, -1))
    changed = some.copy()
    changed[:, 4] = 255 - changed[:, 4]
    differs = (encoder.encode(changed).unflatten(1, (6, -1)) - before).abs().amax(dim=(0, 2, 3)) > 1e-4
    assert differs.tolist() == [False, False, False, False, True, False]


@pytest.mark.parametrize("kind", VIDEO)
def test_embeddings_of_a_video_encoder_are_ordered_by_time(kind: str, hub) -> None:
    """At level 0, before attention, a token depends only on its frames and its place."""
    encoder, some = open_folder(hub(kind)), clips(1)
    steps = encoder.time_steps(FRAMES)
    before = encoder.encode(some, 0)[0].view(steps, 2, 2, -1)
    changed = some.copy()
    changed[:, -1, : SIDE // 2, SIDE // 2 :] = 255 - changed[:, -1, : SIDE // 2, SIDE // 2 :]
    differs = (encoder.encode(changed, 0)[0].view(steps, 2, 2, -1) - before).abs().amax(-1) > 1e-4
    assert differs.nonzero().tolist() == [[steps - 1, 0, 1]]


def test_clips_of_another_length_and_size_are_resampled(hub) -> None:
    encoder, some = open_folder(hub("vjepa2")), clips(2, frames=FRAMES)
    twice = np.repeat(some, 2, axis=1)
    torch.testing.assert_close(encoder.encode(twice), encoder.encode(some))
    still = encoder.encode(some[:, :1])
    torch.testing.assert_close(still, encoder.encode(np.repeat(some[:, :1], FRAMES, axis=1)))
    assert encoder.encode(clips(2, side=20)).shape == encoder.encode(some).shape


def test_what_an_encoder_is_stands_in_its_record(copy_of) -> None:
    folder = copy_of("dinov2")
    (folder / "README.md").write_text("---\nlicense: mit\ndatasets:\n- lvd-142m\n- imagenet-1k\n---\n# Card\n")
    record = open_folder(folder).record
    network = build_network("dinov2")
    unused = network.embeddings.mask_token.numel()
    assert record.parameters == sum(one.numel() for one in network.parameters()) - unused
    assert (record.network, record.dim, record.pretraining) == ("Dinov2Model", 16, "lvd-142m, imagenet-1k")
    assert (record.input.frames, record.input.size, record.input.std) == (0, SIDE, (0.2, 0.3, 0.4))
    (folder / "README.md").unlink()
    again = open_folder(folder).record
    assert again.run == record.run and again.weights == record.weights  # the card changes no feature
    content = json.loads((folder / "preprocessor_config.json").read_text()) | {"image_std": [0.2, 0.3, 0.5]}
    (folder / "preprocessor_config.json").write_text(json.dumps(content))
    assert open_folder(folder).record.run != record.run


def edit_weights(folder: Path, change) -> None:
    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, metadata={"format": "pt"})


def test_a_partial_load_is_an_error_that_lists_the_weights(copy_of) -> None:
    folder = copy_of("videomae")
    edit_weights(folder, lambda tensors: tensors.pop("encoder.layer.1.output.dense.weight"))
    with pytest.raises(ConfigError, match=r"1 missing \(encoder.layer.1.output.dense.weight\)"):
        open_folder(folder)


def test_unknown_weights_are_an_error_that_lists_them(copy_of) -> None:
    folder = copy_of("ijepa")
    edit_weights(folder, lambda tensors: tensors.update({"encoder.layer.2.output.dense.bias": torch.zeros(16)}))
    with pytest.raises(ConfigError, match=r"1 unexpected \(layers.2.mlp.fc2.bias\)"):
        open_folder(folder)


def test_weights_of_another_shape_are_an_error(copy_of) -> None:
    folder = copy_of("dinov3_vit")
    edit_weights(folder, lambda tensors: tensors.update({"norm.weight": torch.ones(8)}))
    with pytest.raises(ConfigError, match=r"norm\.weight") as error:
        open_folder(folder)
    assert "\n" not in str(error.value)


def test_weights_that_features_do_not_need_may_be_missing(copy_of) -> None:
    folder = copy_of("vjepa2")
    complete, some = open_folder(folder), clips()

    def without_predictor(tensors: dict[str, torch.Tensor]) -> None:
        for name in [name for name in tensors if name.startswith("predictor.")]:
            del tensors[name]

    edit_weights(folder, without_predictor)
    partial = open_folder(folder)
    assert partial.record.run == complete.record.run
    assert torch.equal(partial.encode(some), complete.encode(some))


@pytest.mark.parametrize("whole", ["VideoMAEForPreTraining", "SiglipModel"])
def test_heads_decoders_and_other_towers_are_left_out(whole: str, tmp_path: Path) -> None:
    import transformers

    if whole == "SiglipModel":
        text = {"vocab_size": 50, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 1, "projection_size": 16}
        small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
        vision = KINDS["siglip_vision_model"][2]
        config: Any = transformers.SiglipConfig(vision_config=vision, text_config={**text, **small})
        network = transformers.SiglipModel(config)
        inner, argument = network.vision_model, "pixel_values"
    else:
        decoder = {f"decoder_{key}": value for key, value in KINDS["videomae"][2].items() if "_" in key}
        decoder = {key: decoder[key] for key in ("decoder_hidden_size", "decoder_num_attention_heads")}
        config = transformers.VideoMAEConfig(**KINDS["videomae"][2], **decoder, decoder_num_hidden_layers=1)
        network = transformers.VideoMAEForPreTraining(config)
        inner, argument = network.videomae, "pixel_values"
    save_network(network.eval(), tmp_path / "whole")
    some = clips(1)
    pixels = pixels_of(some)
    with torch.no_grad():
        expected = inner(**{argument: pixels if "VideoMAE" in whole else pixels[0]}).last_hidden_state
    tokens = open_folder(tmp_path / "whole").encode(some)
    torch.testing.assert_close(tokens.flatten(0, 1), expected.flatten(0, 1), atol=1e-5, rtol=1e-5)


def test_files_that_are_missing_or_wrong_give_one_line(copy_of, edit_json, tmp_path: Path) -> None:
    def refusal(folder: Path) -> str:
        with pytest.raises(ConfigError) as error:
            open_folder(folder)
        assert "\n" not in str(error.value)
        return str(error.value)

    folder = copy_of("dinov2")
    processor = folder / "preprocessor_config.json"
    saved = processor.read_text()
    processor.unlink()
    assert "the processor's file is missing" in refusal(folder)
    processor.write_text(saved)
    edit_json(processor, crop_size={"height": 20, "width": 20})
    assert "can't be cut into tokens of 1 frames and 16 pixels" in refusal(folder)
    processor.write_text(saved)
    config = folder / "config.json"
    edit_json(config, model_type="bert")
    assert "model_type 'bert'" in refusal(folder) and "vjepa2" in refusal(folder)
    config.write_text("{")
    assert "can't be read" in refusal(folder)
    config.unlink()
    assert "has no config.json" in refusal(folder)

    other = copy_of("siglip_vision_model")
    edit_json(other / "preprocessor_config.json", crop_size={"height": 64, "width": 64})
    assert "its processor gives 64 pixels a side, and its network reads 32" in refusal(other)

    pickle = copy_of("videomae")
    (pickle / "model.safetensors").rename(pickle / "pytorch_model.bin")
    assert "pytorch_model.bin, a pickle" in refusal(pickle)
    (pickle / "pytorch_model.bin").unlink()
    assert "no weights" in refusal(pickle)
    (pickle / "model.safetensors").write_bytes(b"no tensors")
    assert "can't be loaded" in refusal(pickle)

    space = copy_of("timesformer")
    edit_json(space / "config.json", attention_type="space_only")
    edit_weights(space, lambda tensors: tensors.pop("embeddings.time_embeddings"))
    assert refusal(space)


def test_a_name_that_is_nowhere_gives_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"neither a folder nor .*`hf download nobody/such-model`"):
        open_huggingface("hf:nobody/such-model", "nobody/such-model", CPU)
    with pytest.raises(ConfigError, match="neither a folder"):
        open_huggingface("hf:./not there", "./not there", CPU)


def test_an_encoder_in_the_local_cache_is_opened(hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub.constants

    revision = "a" * 40
    folder = tmp_path / "models--org--tiny"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(revision)
    snapshot = folder / "snapshots" / revision
    snapshot.mkdir(parents=True)
    for path in hub("dinov3_vit").iterdir():
        (snapshot / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    encoder = open_huggingface("hf:org/tiny", "org/tiny", CPU)
    assert encoder.weights == open_folder(hub("dinov3_vit")).weights


def test_features_that_are_not_finite_are_refused(copy_of) -> None:
    folder = copy_of("videomae")
    edit_weights(folder, lambda tensors: next(iter(tensors.values())).fill_(float("nan")))
    encoder = open_folder(folder)
    clips = np.zeros((1, 4, 32, 32, 3), dtype=np.uint8)
    with pytest.raises(ConfigError, match="its features are not finite numbers"):
        encoder.encode(clips)


def test_a_processor_file_without_keys_is_named(copy_of) -> None:
    folder = copy_of("videomae")
    (folder / "preprocessor_config.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"preprocessor_config\.json: holds no keys and values"):
        open_folder(folder)
