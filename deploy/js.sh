#!/bin/sh
# Generate the types of the JavaScript package from openapi.json and its source: `js.sh make|check`. `check` compares
# them with the committed ones, and checks a module that uses the package. Needs npm, and TYPESCRIPT_VERSION.
set -eu

# openapi-typescript needs an older TypeScript beside it, so tsc is not that of the lock.
tsc() { npm exec --yes --package="typescript@$TYPESCRIPT_VERSION" -- tsc "$@"; }

generate() {
  npm ci --silent --prefix js --ignore-scripts --no-audit --no-fund
  js/node_modules/.bin/openapi-typescript openapi.json -o "$1/schema.d.ts" >/dev/null
  tsc -p js --outDir "$1"
}

case $1 in
  make) generate js/types ;;
  check)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    generate "$folder"
    diff -r "$folder" js/types || { echo "js/types is out of date: run make js" >&2; exit 1; }
    tsc -p js/test
    ;;
  *) echo "usage: js.sh make|check" >&2; exit 2 ;;
esac
