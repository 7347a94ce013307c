#!/bin/sh
# Minify the CloudFront Functions, whose limit is 10 KB each: `edge.sh make|check`. Each function is the shared part and
# one URL grammar. `check` compares the result with the committed files. Needs npm.
set -eu

TERSER_VERSION=5.51.4
# By default terser moves functions into functions, where njs reports that variables are not initialised. `handler` is
# what CloudFront calls.
COMPRESS="passes=3,inline=1,reduce_funcs=false,toplevel=true,top_retain=['handler']"

bundle() {
  cat "$@" | terser --module --toplevel --mangle "reserved=['handler']" --compress "$COMPRESS"
}

minify() {
  bundle edge/common.js edge/query.js edge/orientation.js edge/imgix.js > "$1/imgix.js"
  bundle edge/common.js edge/orientation.js edge/imgproxy.js > "$1/imgproxy.js"
  bundle edge/common.js edge/query.js edge/iiif.js > "$1/iiif.js"
}

case $1 in
  make | check) npm exec --yes --package="terser@$TERSER_VERSION" -- sh "$0" "$1-with-terser" ;;
  make-with-terser) minify edge/min ;;
  check-with-terser)
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    minify "$folder"
    diff -r "$folder" edge/min || { echo "edge/min is out of date: run make edge" >&2; exit 1; }
    ;;
  *) echo "usage: edge.sh make|check" >&2; exit 2 ;;
esac
