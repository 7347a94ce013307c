"""The entry point of `imagemill`."""

import sys


def run() -> None:
    """Run the command line; without its dependencies, print one line that tells so."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a file has it
    try:
        from imagemill.cli.app import app  # noqa: PLC0415  # after pip install --no-deps, Typer is missing
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in {"typer", "rich"}:
            raise
        sys.exit(f"imagemill: {fault.name} is not installed: run pip install imagemill")
    app(prog_name="imagemill")


if __name__ == "__main__":
    run()
