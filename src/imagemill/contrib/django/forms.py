"""The form field of an image."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from imagemill.errors import ImageRejected
from imagemill.imaging.limits import DEFAULT_LIMITS

# Bytes by which a file is recognised.
_HEAD_BYTES = 1024


class ImageFormField(forms.FileField):
    """A file input that refuses, by its first bytes, a file that is no image.

    Every format that imagemill reads is accepted, also those that Pillow does not know. A damaged
    image is found later, and becomes `rejected`.
    """

    def to_python(self, data: Any) -> Any:  # noqa: ANN401 - as in the base
        """Return the uploaded file; raises ValidationError with the code of the rejection."""
        file = super().to_python(data)
        if file is None:
            return None
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        try:
            DEFAULT_LIMITS.check_beginning(head)
        except ImageRejected as fault:
            raise ValidationError(str(fault), code=fault.code) from fault
        return file

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let the browser offer images first; HEIC has no media type in every system."""
        attrs = dict(super().widget_attrs(widget))
        if isinstance(widget, forms.FileInput) and "accept" not in widget.attrs:
            attrs["accept"] = "image/*,.heic,.heif,.avif,.jxl"
        return attrs
