"""The networks of Video-JEPA: encoder, predictor, and the model that joins them.

Losses belong to :mod:`auxjepa.objectives`, masks to :mod:`auxjepa.masks`, and training to :mod:`auxjepa.train`.
"""

from auxjepa.models.jepa import JEPA, build_encoder, build_predictor
from auxjepa.models.predictor import Prediction, Predictor
from auxjepa.models.vit import Encoder, Width

__all__ = ["JEPA", "Encoder", "Prediction", "Predictor", "Width", "build_encoder", "build_predictor"]
