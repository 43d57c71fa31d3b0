"""Figures of sample clips: frames in a row, with the hidden tokens shaded."""

from __future__ import annotations

import base64
import io

import numpy as np
from jaxtyping import UInt8
from markupsafe import Markup
from PIL import Image

from auxjepa.evidence.study_folder.artifacts import Samples
from auxjepa.evidence.wording import format_count
from auxjepa.report.svg import Drawing

SIDE, GAP = 88.0, 6.0
"""Width of a frame and distance between two frames, in pixels."""


def clip_figure(samples: Samples, k: int) -> Markup:
    """Return the frames of one clip in a row; hidden tokens are shaded and hatched.

    Args:
        samples: the sample clips.
        k: index of the clip.
    """
    frames, hidden = samples.clips[k], samples.hidden[k]
    n_frames, height, width, _ = frames.shape
    tubes, rows, columns = hidden.shape
    tall = SIDE * height / width
    share = 100 * float(hidden.mean())
    title = f"Clip {k + 1}: {samples.captions[k]}"
    length = format_count(n_frames, "frame")
    description = f"{length} in a row; {share:.0f} % of the tokens are hidden from the student (hatched)."
    draw = Drawing(n_frames * (SIDE + GAP) - GAP, tall + 18, f"clip-{k}", title, description)
    draw.parts.append(
        f'<defs><pattern id="hatch-{k}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="6" height="6" class="veil"/>'
        f'<line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern></defs>'
    )
    for f in range(n_frames):
        left = f * (SIDE + GAP)
        data = base64.b64encode(png(frames[f])).decode()
        draw.add("image", x=left, y=0.0, width=SIDE, height=tall, class_="pixels", href=f"data:image/png;base64,{data}")
        for r, c in np.argwhere(hidden[f * tubes // n_frames]).tolist():
            box = {"x": left + c * SIDE / columns, "y": r * tall / rows, "width": SIDE / columns, "height": tall / rows}
            draw.add("rect", **box, fill=f"url(#hatch-{k})")
        draw.text(left + SIDE / 2, tall + 14, f"frame {f + 1}", "tick", "middle")
    return draw.render()


def png(pixels: UInt8[np.ndarray, "X Y 3"]) -> bytes:
    """Return an 8-bit RGB picture as PNG.

    Args:
        pixels: rows by columns by channels.
    """
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
