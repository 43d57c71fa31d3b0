"""The video encoder: tubelet patches, pre-norm transformer blocks, and features of one or several depths.

Follows V-JEPA 2.1 (levels with a LayerNorm each, rotary positions). Shapes: see :mod:`auxjepa.tokens`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from auxjepa.models.rope import Rotation, pick, rotate, rotation, scaled_positions, sincos
from auxjepa.tokens import Grid, gather

EPS = 1e-6
"""Epsilon of every LayerNorm in the networks, as in V-JEPA (that of the targets is 1e-5)."""


@dataclass(frozen=True)
class Width:
    """Channels, blocks and heads of a transformer."""

    dim: int
    depth: int
    heads: int

    def __post_init__(self) -> None:
        if self.dim % self.heads:
            raise ValueError(f"{self.dim} channels cannot be shared by {self.heads} heads")

    @property
    def head_dim(self) -> int:
        return self.dim // self.heads


SIZES: dict[str, Width] = {
    "nano": Width(64, 3, 2),
    "tiny": Width(192, 12, 3),
    "small": Width(384, 12, 6),
    "base": Width(768, 12, 12),
    "large": Width(1024, 24, 16),
}


def patchify(pixels: Float[Tensor, "B 3 F X Y"], grid: Grid) -> Float[Tensor, "B N P"]:
    """Return a clip as flattened tubelet patches: channels (colour, frame, row, column), tokens in raster order.

    A single frame is an image; it is repeated to fill one tubelet.
    """
    if pixels.shape[2] == 1:
        pixels = pixels.expand(-1, -1, grid.tubelet, -1, -1)
    b, c = pixels.shape[:2]
    tiles = pixels.reshape(b, c, grid.T, grid.tubelet, grid.H, grid.patch, grid.W, grid.patch)
    return tiles.permute(0, 2, 4, 6, 1, 3, 5, 7).reshape(b, grid.N, -1)


def attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return the scaled dot-product attention, in float32 on a CPU, where the bf16 backward is several times slower."""
    if q.device.type == "cpu" and q.dtype == torch.bfloat16:
        with torch.autocast("cpu", enabled=False):
            return F.scaled_dot_product_attention(q.float(), k.float(), v.float())
    return F.scaled_dot_product_attention(q, k, v)


class Block(nn.Module):
    """Pre-norm transformer block with rotary self-attention."""

    def __init__(self, width: Width, mlp_ratio: float = 4.0) -> None:
        super().__init__()
        dim, hidden = width.dim, int(width.dim * mlp_ratio)
        self.heads = width.heads
        self.norm1 = nn.LayerNorm(dim, EPS)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim, EPS)
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))

    def forward(self, x: Float[Tensor, "B K D"], tables: Rotation | None) -> Float[Tensor, "B K D"]:
        b, k, d = x.shape
        q, key, v = self.qkv(self.norm1(x)).view(b, k, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        if tables is not None:
            q, key = rotate(q, tables), rotate(key, tables)
        mixed = attention(q, key, v).transpose(1, 2).reshape(b, k, d)
        x = x + self.proj(mixed)
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    """Transformer blocks with shared positions; it returns the outputs at the requested depths."""

    def __init__(
        self, width: Width, position: Literal["rope", "sincos"], rope: Literal["interleaved", "tiled"]
    ) -> None:
        super().__init__()
        self.width, self.position = width, position
        self.rope: Literal["interleaved", "tiled"] = rope
        self.blocks = nn.ModuleList(Block(width) for _ in range(width.depth))
        self._tables: dict[tuple[Grid, int | None, torch.device], Tensor | Rotation] = {}
        initialise(self)

    def _table(self, grid: Grid, interpolate: int | None, device: torch.device) -> Tensor | Rotation:
        key = (grid, interpolate, device)
        if key not in self._tables:
            positions = scaled_positions(grid, interpolate, device)
            if self.position == "rope":
                self._tables[key] = rotation(positions, self.width.head_dim, self.rope)
            else:
                self._tables[key] = sincos(positions, self.width.dim)
        return self._tables[key]

    def forward(
        self,
        x: Float[Tensor, "B K D"],
        index: Int[Tensor, "B K"] | None,
        grid: Grid,
        interpolate: int | None = None,
        depths: tuple[int, ...] = (),
    ) -> list[Float[Tensor, "B K D"]]:
        """Return the outputs after each block in ``depths``.

        Args:
            x: tokens.
            index: raster indices of the tokens; None if ``x`` has every token of the grid in raster order.
            grid: token grid of the clips.
            interpolate: side of the grid that positions are stretched to.
            depths: indices of blocks; the last block when empty.
        """
        table = self._table(grid, interpolate, x.device)
        if isinstance(table, Rotation):
            rotary = pick(table, index)
        else:
            rotary, x = None, x + (table if index is None else table[index])
        selected = depths or (len(self.blocks) - 1,)
        outputs = []
        for depth, block in enumerate(self.blocks):
            x = block(x, rotary)
            if depth in selected:
                outputs.append(x)
        return outputs


class Encoder(nn.Module):
    """Video (or image) encoder.

    Args:
        width: channels, blocks, heads.
        patch_values: numbers in one tubelet patch (3 * tubelet * patch * patch).
        levels: number of depths whose features are returned; they are evenly spaced and include the last block.
        position: see :class:`auxjepa.config.ModelConfig`.
        rope: see :class:`auxjepa.config.ModelConfig`.
        rope_interpolate: see :class:`auxjepa.config.ModelConfig`.
        modality_embedding: see :class:`auxjepa.config.ModelConfig`.

    Raises:
        ValueError: if there are more levels than blocks.
    """

    def __init__(
        self,
        width: Width,
        *,
        patch_values: int,
        levels: int = 1,
        position: Literal["rope", "sincos"] = "rope",
        rope: Literal["interleaved", "tiled"] = "interleaved",
        rope_interpolate: int | None = None,
        modality_embedding: bool = False,
    ) -> None:
        super().__init__()
        if levels > width.depth:
            raise ValueError(f"{levels} levels need at least {levels} blocks, this encoder has {width.depth}")
        self.width, self.levels, self.rope_interpolate = width, levels, rope_interpolate
        self.depths = tuple(round(width.depth * (i + 1) / levels) - 1 for i in range(levels))
        self.embed = nn.Linear(patch_values, width.dim)
        self.trunk = Transformer(width, position, rope)
        self.norms = nn.ModuleList(nn.LayerNorm(width.dim, EPS) for _ in range(levels))
        self.modality = nn.Parameter(torch.zeros(2, width.dim)) if modality_embedding else None
        initialise(self.embed)

    def forward(
        self,
        patches: Float[Tensor, "B N P"],
        grid: Grid,
        index: Int[Tensor, "B K"] | None = None,
        image: bool = False,
    ) -> Float[Tensor, "B K L D"]:
        """Return the features of the tokens at ``index`` (all tokens when None); they attend only to each other."""
        if index is not None:
            patches = gather(patches, index)
        x = self.embed(patches)
        if self.modality is not None:
            x = x + self.modality[int(not image)]
        outputs = self.trunk(x, index, grid, self.rope_interpolate, self.depths)
        return torch.stack([norm(out) for norm, out in zip(self.norms, outputs, strict=True)], dim=2)


def initialise(module: nn.Module) -> None:
    """Set weights to a truncated normal (0.02 at 768 channels, wider for narrower layers) and biases to zero.

    The last layer of each residual branch is scaled down with depth.

    Source: Zhang et al. 2019, as in V-JEPA
    """
    for child in module.modules():
        if isinstance(child, nn.Linear):
            nn.init.trunc_normal_(child.weight, std=0.02 * (768 / child.in_features) ** 0.5)
            nn.init.zeros_(child.bias)
    if isinstance(module, Transformer):
        for depth, block in enumerate(module.blocks, start=1):
            assert isinstance(block, Block)
            out = block.mlp[2]
            assert isinstance(out, nn.Linear)
            with torch.no_grad():
                block.proj.weight.div_((2 * depth) ** 0.5)
                out.weight.div_((2 * depth) ** 0.5)
