#!/bin/sh
# Python's email package judges what the sandbox reads out of mail. Without the folder of real mail the project's own files are compared.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
dump="${RENKEI_BUILD:-$root/build/dev}/tests/renkei_mime_dump"
[ -x "$dump" ] || { echo "skipped: $dump is not built"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: there is no python3"; exit 77; }
data="${RENKEI_TEST_DATA:-$root/../shared/data}/mail"
set -- "$root/demo/mail" "$root/tests/data/mail"
[ -d "$data" ] && set -- "$@" "$data"
exec python3 "$root/tests/integration/mime_python.py" "$dump" "$@"
