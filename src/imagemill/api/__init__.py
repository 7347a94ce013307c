"""Use cases of the REST API: upload, read, delete."""
