#!/bin/sh
# Start the page, with the stack of IMAGEMILL_API, or without a stack.
python3 manage.py migrate --verbosity 0
exec python3 manage.py runserver --noreload "127.0.0.1:${PORT:-8000}"
