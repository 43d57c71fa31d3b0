"""Search of the recipe of every variant of a study, with the same budget for each, on validation clips alone.

``settings`` is the ``tune`` section of a study file, and ``checks`` compares it with the study. ``recipe`` applies
changed fields to a run, ``sampling`` draws recipes, ``trial`` trains and scores one, ``search`` runs the stages,
and ``tuned`` gives the study its recipes.
"""

__all__ = []
