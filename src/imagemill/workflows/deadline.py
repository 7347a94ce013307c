"""Deadline: no picture may take so long that Lambda ends the function, and the batch with it."""

from dataclasses import replace
from functools import partial

from imagemill.errors import TimedOut
from imagemill.imaging.isolated import render_isolated
from imagemill.workflows.workshop import Workshop

MOST_S = 11.0
"""What one picture may take at most: a batch of ten that all hang still ends in time."""
LEAST_S = 2.0
"""What must be left for rendering to be worth beginning."""
MARGIN_S = 4.0
"""What storing, recording and answering may take after the last picture."""


def within(remaining_s: float, shop: Workshop) -> Workshop:
    """Return the workshop with each picture rendered apart, and ended in time.

    Raises TimedOut when the function has too little time left to begin another picture.
    """
    granted_s = min(MOST_S, remaining_s - MARGIN_S)
    if granted_s < LEAST_S:
        raise TimedOut(f"only {remaining_s:.1f} s were left to begin another picture")
    return replace(shop, render=partial(render_isolated, timeout_s=granted_s))
