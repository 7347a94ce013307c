"""JPEG XL by libjxl, compiled to WebAssembly and run by wasmtime.

README.md describes the module and its build.
"""
