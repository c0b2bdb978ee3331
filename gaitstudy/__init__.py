"""How the way a foot meets the ground decides what the knee carries.

For a recording or two: ``gaitstudy.batch.process`` turns walking trials into one row a stride and side, as
``gaitstudy process`` does on the command line. Modules are imported by name, ``from gaitstudy import batch``.
The rooms, from the ground up:

- ``conventions``: axes, signs, units, error classes
- ``io``: files in, labelled arrays out; the catalogue of open data
- ``gait``: what the walker does: events, steps, foot angle, posture, pressure, sensors on the foot
- ``load``: what the knee feels: joint centres, moments, contact force, impact
- ``stats``: the trial's statistics, whole curves, meta-analysis, checks of reported numbers
- ``simulate``: virtual people with a known truth
- ``kam_prediction``, ``foot_angle_tests``, ``personalise``: a person's foot angle
- ``figures``: pictures and tables
- ``verdicts``, ``ledger``: claims, evidence, verdicts
- ``trials``, ``batch``: one trial made ready; trials to tidy rows
- ``studies``: what single data sets and virtual people say
- ``cli``: the command line
"""

__version__ = "0.1.0"
