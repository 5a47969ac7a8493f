"""What the end of a rollout, or of the time of one of its phases, left open."""

from collections.abc import Mapping

from healthmon.core.advice.entry import Entry

ROLLOUT: Mapping[str, Entry] = {
    "rollout.timeout": Entry(
        "The phase's time was over before this check had ended, so nothing is known.",
        "Give the phase a longer `timeout` in the rollout's file, or the check a shorter one with `--timeout`.",
        hint=False,
    ),
    "rollout.too_late": Entry(
        "It was healthy, but the phase's time was over before it could be looked at once more: whether it still is, "
        "nobody knows.",
        "Give the phase a longer `timeout` in the rollout's file; if {id} takes ever longer to answer, see why.",
    ),
    "rollout.interrupted": Entry(
        "The rollout was interrupted before this check had ended, so nothing is known.",
        "Go on with the rollout as is said in the end: it checks this service again.",
        hint=False,
    ),
}
