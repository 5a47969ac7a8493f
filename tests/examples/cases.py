"""Every deployment with each of its faults: one table."""

from collections.abc import Mapping

from tests.examples import azure, choreo, ecs, porter, ten
from tests.examples.place import Scene

CASES: Mapping[str, Scene] = {
    f"{name}-{case}": deployment.scene(fault)
    for name, deployment, faults in (
        ("choreo", choreo.HEALTHY, choreo.FAULTS),
        ("porter", porter.HEALTHY, porter.FAULTS),
        ("azure", azure.HEALTHY, azure.FAULTS),
        ("ecs", ecs.HEALTHY, ecs.FAULTS),
    )
    for case, fault in faults.items()
} | {f"ten-{case}": made.scene() for case, made in ten.CASES.items()}
"""The cases by the names of their snapshots."""
