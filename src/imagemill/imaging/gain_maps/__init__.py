"""Gain maps: the difference between an image and a brighter version for HDR screens.

`detect` and `find` look for one in a file, `metadata` and its neighbours read what it means, and
`container` writes it beside a JPEG. Nothing is decoded here: `gain_map_drawing` does that.
"""
