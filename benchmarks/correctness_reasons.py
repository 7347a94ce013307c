"""Why tools differ: the text of a section of docs/correctness.md, of the versions in its tables."""

REASONS = """\
## Reasons

* **HEIC, JPEG XL, camera raw.** The builds of libvips that sharp and pyvips-binary ship have no
  decoder for HEVC, and none of the other tools reads or writes JPEG XL or finds the JPEG in a
  camera raw file. thumbor answers a request for JPEG XL with the format of the original.
* **BMP, ICO, JPEG 2000** are formats that the builds of sharp and pyvips-binary leave out.
* **Orientation.** Tutorials do not turn the image. thumbor finds no orientation in a WebP that
  Pillow wrote.
* **Alpha in a JPEG.** thumbor and tutorials drop the alpha channel, so that hidden colours appear;
  sharp and pyvips are asked to put white behind.
* **Profiles.** Pillow writes the profile of the original into PNG, TIFF and AVIF, and leaves it out
  of JPEG and WebP.
* **Animations.** libvips reads the first frame of an APNG, no AVIF sequences, and animates GIF and
  WebP only. thumbor animates GIF only, without the times of the frames, and answers any request for
  a GIF with a GIF.
* **Bytes.** Other tools encode at one quality, also when the original has a lower one. `max_bytes`
  of thumbor works for JPEG and WebP.
* **Gain maps.** sharp and pyvips keep those of JPEG originals; thumbor and tutorials drop them.
* **Location.** pyvips keeps all metadata unless it is told which to keep.
* **imagemill's score.** The photo scores 72.5 as JPEG XL of quality 84, and 77.3 of quality 85:
  nothing lies within 1.5 of 75 ([how often](imaging.md#quality-for-a-score)).
"""
