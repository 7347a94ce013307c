#!/bin/sh
# Build a function for Lambda into a folder, on any host:
#   build_function.sh DIR LOCK ARCHITECTURE PYTHON-VERSION MIB
# Only wheels are installed, so that nothing is compiled or run for the host.
set -eu
folder=$1 lock=$2 architecture=$3 python=$4 budget_mib=$5
case $architecture in
  x86_64) platform=x86_64-manylinux_2_28 ;;
  *) platform=aarch64-manylinux_2_28 ;;
esac

"$BIN/uv" pip install --quiet --target "$folder" --link-mode copy --only-binary :all: --no-deps \
  --require-hashes --python-version "$python" --python-platform "$platform" -r "$lock"
cp -R src/imagemill "$folder/"
case $lock in
  # The API returns its OpenAPI document.
  */api.lock) cp openapi.json "$folder/imagemill/" ;;
esac
"$BIN/python" deploy/artifact.py prune "$folder"
sh deploy/bytecode.sh "$folder" "$python" "$BIN/uv"
"$BIN/python" deploy/artifact.py decoder "$folder" "$architecture"
"$BIN/python" deploy/artifact.py normalize "$folder"
"$BIN/python" deploy/artifact.py check "$folder" "$architecture" "$python" "$budget_mib"
