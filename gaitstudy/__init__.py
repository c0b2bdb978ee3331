"""How the way a foot meets the ground decides what the knee carries.

Rooms, from the ground up: ``conventions``, ``io`` (files in), ``gait`` (what the walker does),
``load`` (what the knee feels), ``figures``, ``ledger`` (claims and verdicts), ``cli``.
"""

__version__ = "0.1.0"
