"""How the way a foot meets the ground decides what the knee carries.

Rooms, from the ground up: ``conventions``; ``io`` (files in); ``gait`` (what the walker does); ``load`` (what the
knee feels); ``figures``; ``verdicts`` and ``ledger`` (claims, evidence, verdicts); ``trials`` and ``batch`` (from a
trial to tidy rows); ``agreement`` and ``cases`` (our numbers beside other programs', and the trials the notebooks
walk through); ``notebook`` and ``reproduce`` (running them); ``cli``.
"""

__version__ = "0.1.0"
