"""Variants x regimes x seeds x benchmarks, planned, run and resumed, and probes of single encoders.

Code that pretrains and scores encoders and writes rows belongs here. Statistics over rows are in ``evidence``.
``auxjepa.study(...)`` runs a study (:func:`auxjepa.interface.study`).
"""

from auxjepa.modules import make_callable

make_callable(__name__, "study")
