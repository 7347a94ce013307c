"""Template tags: `{% load imagemill %}`."""

from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from imagemill.contrib.django.field_file import ImageFieldFile

register = template.Library()


@register.simple_tag
def picture(
    image: "ImageFieldFile | str | None",
    alt: str = "",
    sizes: str = "100vw",
    preset: str = "",
    **attributes: str,
) -> SafeString:
    """Return the HTML of an image: all sizes of it, or the rendition of one preset.

    `{% picture post.photo alt="A lake" sizes="(min-width: 60em) 50vw, 100vw" data_zoom="1" %}`

    The result is empty for a field without an image, and a `span` with the attribute `data-status`
    until there are renditions.
    """
    # A variable that a template does not find is an empty text.
    if not image or isinstance(image, str):
        return SafeString()
    return image.picture(alt, sizes, preset, **attributes)
