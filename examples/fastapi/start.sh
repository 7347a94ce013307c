#!/bin/sh
# Start the application, with a stack on this machine unless IMAGEMILL_API names one.
cd "$(dirname "$0")"
exec python3 ../with_imagemill.py python3 -m uvicorn main:app --port "${PORT:-8000}"
