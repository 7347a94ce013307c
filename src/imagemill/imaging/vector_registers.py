"""The vector registers of Intel's processors after libaom."""

from io import BytesIO

from PIL import Image

from imagemill.imaging.encode_png import load_encoder


def release_vector_registers() -> None:
    """Encode one pixel by libjpeg-turbo, whose code ends with the instruction VZEROUPPER.

    libaom's encoder leaves the upper halves of the registers in use. On Intel's processors the code
    of the sandbox is then up to 15 times slower, in this thread and in those that it starts, until
    the halves are cleared. It takes 60 µs.
    """
    load_encoder("PIL.JpegImagePlugin")
    Image.new("L", (1, 1)).save(BytesIO(), "JPEG")
