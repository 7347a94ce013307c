#!/bin/sh
# Start the page, with a stack on this machine unless IMAGEMILL_API names one.
cd "$(dirname "$0")"
exec python3 ../with_imagemill.py sh serve.sh
