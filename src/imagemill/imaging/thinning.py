"""Leave out frames of an animation that would take more memory or time than the limits allow."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.limits import Limits, fits_animated, most_frames
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import Plan

# One frame in so many is shown at least: with fewer an animation no longer moves.
_LEAST_SHARE = 4


def fewer_frames(facts: Facts, plans: Sequence[Plan], limits: Limits) -> tuple[Plan, ...] | None:
    """Return plans with as many frames as the limits allow.

    Before frames are left out, attempts at lower quality are, which only save bytes. None if fewer
    than two frames could be shown, or than one in four: then only the first is shown.
    """

    def exceeds(frames: int) -> bool:
        thinned = _with_frames(plans, frames)
        memory, cpu_s = estimate_memory(facts, thinned), estimate_cpu_s(facts, thinned)
        return not fits_animated(memory, cpu_s, limits)

    least, most = max(2, -(-facts.frames // _LEAST_SHARE)), most_frames(facts, limits)
    if most >= least and exceeds(most):
        plans = tuple(map(_in_one_pass, plans))
    if most >= least and exceeds(most):
        most = least - 1 + bisect_left(range(least, most), True, key=exceeds)  # noqa: FBT003
    return _with_frames(plans, most) if most >= least else None


def is_shown(index: int, frames: int, shown: int) -> bool:
    """Return True if the frame number `index`, from 0, is among `shown` evenly chosen ones."""
    return index == 0 or index * shown // frames != (index - 1) * shown // frames


def _in_one_pass(plan: Plan) -> Plan:
    """Return the plan of an animation without attempts at lower quality, unless it is a copy."""
    return replace(plan, must_not_grow=False) if plan.animate and not plan.may_copy else plan


def _with_frames(plans: Sequence[Plan], frames: int) -> tuple[Plan, ...]:
    """Return the plans with at most so many frames; with fewer than all no plan is a copy."""
    return tuple(
        _in_one_pass(replace(plan, frames=frames, may_copy=False))
        if plan.animate and frames < plan.frames
        else plan
        for plan in plans
    )
