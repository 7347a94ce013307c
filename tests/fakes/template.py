"""The template of the stack, read once for all tests."""

from copy import deepcopy
from functools import cache

from imagemill.local.template import Template, load_template, template_path


def read_template() -> Template:
    """Return a copy of the template; reading the file takes twenty times as long."""
    return deepcopy(_read())


@cache
def _read() -> Template:
    return load_template(template_path())
