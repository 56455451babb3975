#!/usr/bin/env bash
# A generic OAuth 2.0 connector against oidc-provider. Exit 77: the test clients are not installed.
cd "$(dirname "$0")"
[ -x ../../.tools/node_modules/node/bin/node ] && [ -d ../interop/node_modules/oidc-provider ] || exit 77
exec python3 -m unittest -v test_generic_oauth
