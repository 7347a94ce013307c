"""A stack behind its REST API, for the commands, and the logins of its users."""
