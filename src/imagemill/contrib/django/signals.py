"""Signals of the app."""

from django.dispatch import Signal

image_changed = Signal()
"""Sent with `image`, a `models.Image`, after its state has changed and the change is committed."""
