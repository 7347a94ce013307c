#!/bin/sh
# Compile a function's folder for the Lambda's Python: bytecode.sh DIR PYTHON UV
# Without bytecode Lambda compiles at every cold start, since it cannot write beside the source.
# What is written is checked against no source, so that neither times nor places stand in it.
set -eu
folder=$1 version=$2 uv=$3

# pyenv hides what it has unless a version is asked for.
if python=$(PYENV_VERSION=$version "$uv" python find --no-project --no-python-downloads "$version" 2>/dev/null); then
  "$python" -m compileall -q -j 1 --invalidation-mode unchecked-hash -s "$folder" -p /var/task "$folder"
else
  echo "There is no Python $version on this machine: $(basename "$folder") goes without bytecode and starts slower." \
    "\`$uv python install $version\` fetches one."
fi
