#!/usr/bin/env bash
# The authorization server that is not ours (oidc-provider), as the end-to-end tests use it.
exec "$(dirname "$0")/lib/run.sh" oidc_provider_test.mjs
