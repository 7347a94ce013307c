#!/bin/sh
# Compile a function's folder to bytecode: bytecode.sh DIR PYTHON-VERSION UV
# Lambda cannot write bytecode next to the source, so without it every cold start compiles all modules.
# "unchecked-hash" keeps times out of the bytecode, and -s and -p keep the build folder out of it.
set -eu
folder=$1 version=$2 uv=$3

# With PYENV_VERSION, pyenv finds this version even if another one is active.
if python=$(PYENV_VERSION=$version "$uv" python find --no-project --no-python-downloads "$version" 2>/dev/null); then
  "$python" -m compileall -q -j 1 --invalidation-mode unchecked-hash -s "$folder" -p /var/task "$folder"
else
  echo "Python $version is not installed: $(basename "$folder") is built without bytecode and starts slower." \
    "Install it with \`$uv python install $version\`."
fi
