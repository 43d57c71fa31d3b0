"""The choice of training folders, so that test videos of a divided folder are not pretrained on."""

from __future__ import annotations

from auxjepa.config import RunConfig
from auxjepa.data.manifest.manifest import Manifest
from auxjepa.data.manifest.reserved_columns import official_split_of, training_part
from auxjepa.data.manifest.split import TRAIN
from auxjepa.data.open import FOLDER_KINDS, open_manifest


def train_on_training_folders(config: RunConfig) -> tuple[RunConfig, dict[str, Manifest], list[str]]:
    """Return a run that reads the training folders of every folder (or shards) that is divided into train/ and val/ or
    test/, the open manifests by source, and one line for each divided folder.

    Args:
        config: the run; it does not say which videos of a divided folder are read.

    Raises:
        ManifestError: see :func:`auxjepa.data.manifest.open_source`.
    """
    data, manifests, notes = config.data, {}, []
    for name, one in data.sources.items():
        part = data.mixture.get(name)
        if one.source.partition(":")[0] not in FOLDER_KINDS or (part is not None and part.split is not None):
            continue
        manifests[name] = open_manifest(one)
        folders = official_split_of(manifests[name])
        if folders is None:
            continue
        every, manifests[name] = len(manifests[name]), training_part(manifests[name], one.source)
        count = len(manifests[name])
        notes.append(
            f"{one.source}: pretraining on the {count:,} videos of {folders.named(TRAIN)}; the other {every - count:,} "
            "are left out, so that they can be tested on (--data.split all reads them too)"
        )
        if part is None:
            data = data.model_copy(update={"split": "train"})
        else:
            mixture = {**data.mixture, name: part.model_copy(update={"split": "train"})}
            data = data.model_copy(update={"mixture": mixture})
    return config.model_copy(update={"data": data}), manifests, notes
