"""Variants on request: make one when a URL asks for it, store it, answer it. Knows no AWS."""
