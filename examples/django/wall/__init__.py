"""A wall of photos."""
