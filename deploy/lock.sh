#!/bin/sh
# Update the locks from pyproject.toml: lock.sh
# dev.lock is resolved first, with new versions. The locks of `make up`, of the functions, of fuzzing and of mutation
# testing then take their versions from it. SAM, checkov, the audit tools and the validator of IIIF have
# environments of their own.
set -eu

compile() {
  "$BIN/uv" pip compile --quiet --generate-hashes --no-header --no-annotate "$@"
}

compile pyproject.toml --upgrade --universal --python-version 3.11 --all-extras --group dev -o locks/dev.lock
lambda="--python-version 3.13 --python-platform aarch64-manylinux_2_28 -c locks/dev.lock"
# shellcheck disable=SC2086 # several arguments
compile --group pyproject.toml:function-resize $lambda -o locks/resize.lock
# shellcheck disable=SC2086 # several arguments
compile --group pyproject.toml:function-api $lambda -o locks/api.lock
compile pyproject.toml --universal --python-version 3.11 -c locks/dev.lock --extra local --group up -o locks/up.lock
for group in fuzz mutation; do
  compile pyproject.toml --universal --python-version 3.11 -c locks/dev.lock --group $group -o locks/$group.lock
done
compile --group pyproject.toml:wasm --universal --python-version 3.11 -o locks/wasm.lock
for tool in sam checkov audit iiif publish site; do
  compile --universal --python-version 3.11 --upgrade --group pyproject.toml:$tool -o locks/$tool.lock
done
