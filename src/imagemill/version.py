"""The version of this package; pyproject.toml states the same one, and a test compares them."""

VERSION = "0.1.0"
