"""JPEG originals as lossless JPEG XL: archives those of images that are ready."""
