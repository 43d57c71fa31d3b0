"""Plans, runs and resumes studies (variants x regimes x seeds x benchmarks), and probes single encoders.

Code that pretrains and scores encoders and writes rows belongs here. Statistics over rows are in ``evidence``.
``auxjepa.study(...)`` runs a study (:func:`auxjepa.interface.study`).
"""

from auxjepa.modules import make_callable

__all__ = []

make_callable(__name__, "study")
