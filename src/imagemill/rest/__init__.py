"""Client of the REST API."""
