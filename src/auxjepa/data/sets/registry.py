"""The data sets and formats that users name on the command line."""

from __future__ import annotations

from auxjepa.config import ConfigError, hint
from auxjepa.data.sets.data_set import DataSet
from auxjepa.data.sets.diving48 import DIVING48
from auxjepa.data.sets.epic100 import EPIC100
from auxjepa.data.sets.hmdb51 import HMDB51
from auxjepa.data.sets.image_folder import IMAGE_FOLDER
from auxjepa.data.sets.imagenet100 import IMAGENET100
from auxjepa.data.sets.kinetics import KINETICS
from auxjepa.data.sets.msrvtt import MSRVTT
from auxjepa.data.sets.msvd import MSVD
from auxjepa.data.sets.path_label_csv import PATH_LABEL_CSV
from auxjepa.data.sets.ssv2 import SSV2
from auxjepa.data.sets.ucf101 import UCF101
from auxjepa.data.sets.video_folder import VIDEO_FOLDER

SETS: dict[str, DataSet] = {
    data_set.name: data_set
    for data_set in (
        *(UCF101, HMDB51, SSV2, DIVING48, IMAGENET100, *KINETICS, EPIC100, MSRVTT, MSVD),
        *(VIDEO_FOLDER, IMAGE_FOLDER, PATH_LABEL_CSV),
    )
}


def find_set(name: str) -> DataSet:
    """Return the data set of this name.

    Raises:
        ConfigError: if the name is unknown; the message suggests the nearest name.
    """
    if name not in SETS:
        raise ConfigError(f"no data set is called {name!r}{hint(name, SETS)}")
    return SETS[name]
