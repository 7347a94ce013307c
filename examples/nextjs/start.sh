#!/bin/sh
# Start the application, with a stack on this machine unless IMAGEMILL_API names one.
cd "$(dirname "$0")"
[ -d node_modules/next ] || npm ci --ignore-scripts --no-audit --no-fund
export NEXT_TELEMETRY_DISABLED=1
exec python3 ../with_imagemill.py npx next dev --hostname 127.0.0.1 --port "${PORT:-3000}"
