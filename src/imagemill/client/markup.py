"""Fill in the `picture` element of the API for a page."""

from collections.abc import Mapping
from html import escape

# The parts that docs/api.md tells to fill in. No address contains them: its quotes are escaped.
_SIZES = ' sizes="100vw"'
_ALT = ' alt=""'
_LOADING = ' loading="lazy"'


class Markup(str):
    """HTML that Jinja and Django put into a page as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the HTML itself, as template engines ask for it."""
        return str(self)


def filled(html: str, alt: str, sizes: str, attributes: Mapping[str, str]) -> Markup:
    """Return the element with a text for `alt`, other sizes, and more attributes of `img`.

    The name of an attribute may end with `_`, as `class_`, and `_` stands for `-` in it.
    """
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    added = "".join(f' {escape(name)}="{escape(value)}"' for name, value in named.items())
    if "loading" in named:
        html = html.replace(_LOADING, "")
    html = html.replace(_SIZES, f' sizes="{escape(sizes)}"')
    before, _, after = html.rpartition(_ALT)
    return Markup(f'{before} alt="{escape(alt)}"{added}{after}')
