#!/usr/bin/env bash
# Runs one Node test file of this folder with the project's own Node, trusting a sandbox CA made for it. Exit 77: Node or
# the test clients are not installed (script/bootstrap --tests).
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$here/../.." && pwd)
node=$root/.tools/node_modules/node/bin/node
export RENKEI_BUILD=${RENKEI_BUILD:-$root/build/dev}
if [ ! -x "$node" ] || [ ! -d "$here/node_modules/@azure/msal-node" ]; then
    echo "skipped: the project's Node is not installed; run script/bootstrap --tests"
    exit 77
fi
[ -x "$RENKEI_BUILD/renkei-sandbox" ] || { echo "there is no $RENKEI_BUILD/renkei-sandbox"; exit 1; }
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export RENKEI_SANDBOX_STATE=$state/sandbox
# The CA must be there before Node starts.
NODE_EXTRA_CA_CERTS=$("$RENKEI_BUILD/renkei-sandbox" describe --json | sed 's/.*"ca_file":"\([^"]*\)".*/\1/')
export NODE_EXTRA_CA_CERTS
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy
"$node" --test --test-reporter=spec "$here/$1"
