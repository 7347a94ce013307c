"""Build the functions for Lambda: packages from locks, source, bytecode and machine code."""
