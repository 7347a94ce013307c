#!/bin/sh
# Synchronize a folder with the bucket of a stack, and print the events of its images: start.sh FOLDER
here="$(dirname "$0")"
exec python3 "$here/../with_imagemill.py" python3 "$here/sync.py" "$@"
