#!/bin/sh
# Generate the types of the JavaScript package from openapi.json and its source: `js.sh make|check`. `check` compares
# them with the committed ones, and checks a module that uses the package. `js.sh pack FOLDER VERSION` writes the file
# that npm installs. Needs npm, and TYPESCRIPT_VERSION for the types.
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
  pack)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cp -R js/package.json js/README.md js/LICENSE js/src js/types "$folder"
    mkdir -p "$2"
    target=$(cd "$2" && pwd)
    # 0.1.dev5 and 0.1.1.dev5 of Python are 0.1.0-dev.5 and 0.1.1-dev.5.
    version=$(echo "$3" | sed -E 's/^([0-9]+\.[0-9]+)\.dev/\1.0.dev/; s/\.dev/-dev./')
    cd "$folder"
    npm version --silent --no-git-tag-version --allow-same-version "$version" >/dev/null
    npm pack --silent --pack-destination "$target"
    ;;
  *) echo "usage: js.sh make|check|pack" >&2; exit 2 ;;
esac
