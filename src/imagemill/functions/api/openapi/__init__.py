"""Generates the OpenAPI document from routes, fields and models. No function loads it."""
