"""The tools under test. Each module runs in the environment of its tool, and imports only that."""
