"""Names of controls in tables, and the note on ceilings."""

from __future__ import annotations

CONTROL_LABELS = {
    "random_init": "random-init encoder",
    "raw_pixels": "raw pixels",
    "one_frame": "one frame",
    "shuffled": "frames shuffled",
    "majority": "majority class",
    "chance": "chance",
    "supervised": "ceiling: encoder trained on labels",
    "convolution": "ceiling: 3-D convolution trained on labels",
}
"""Names of the controls in tables, in their order."""
CEILING_NOTE = (
    "A ceiling is the score of one network that is trained on the labels of a benchmark. It is trained once for each "
    "pretraining regime, with the seed of the first run. Its learning rate and checkpoint are chosen on validation "
    "clips. For clips of the world it has more training clips than the probes. It is a lower bound of what can be "
    "learned, and it has no interval over seeds. A dash means that the benchmark has no classes with one label for "
    "each clip."
)
"""Sentences under a table with ceilings."""
