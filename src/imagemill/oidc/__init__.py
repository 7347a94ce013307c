"""Verification of the JSON Web Tokens of an OpenID Connect issuer."""
