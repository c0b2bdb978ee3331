"""How the way a foot meets the ground decides what the knee carries.

For a recording or two::

    recording = gaitstudy.read("walk01.c3d", markers="plug-in-gait", mass=70.0, height=1.75)
    rows = pipeline.outcomes(pipeline.stances(recording))

``pipeline.process`` does so for many, as ``gaitstudy process`` on the command line. Modules are imported by name,
``from gaitstudy import pipeline``.
The rooms, from the ground up:

- ``conventions``: axes, signs, units, error classes
- ``io``: files in, labelled arrays out; the catalogue of open data
- ``gait``: what the walker does: events, steps, foot angle, posture, pressure, sensors on the foot
- ``load``: what the knee feels: joint centres, moments, contact force, impact
- ``stats``: the trial's statistics, meta-analysis, checks of reported numbers
- ``simulate``: virtual people with a known truth
- ``foot_angle``: choosing a foot angle for one person
- ``plots``: how a page shows figures and tables
- ``claims``: claims, evidence, verdicts
- ``pipeline``: a recording becomes stances, stances become rows
- ``tables``: what takes longer to make than a cell of a notebook
- ``cli``: the command line
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load ``read`` when it is first asked for: importing the package alone stays quick."""
    if name == "read":
        from gaitstudy.pipeline import read

        return read
    raise AttributeError(f"module 'gaitstudy' has no attribute '{name}'")
