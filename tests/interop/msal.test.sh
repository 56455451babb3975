#!/usr/bin/env bash
# msal-node against renkei-sandbox.
exec "$(dirname "$0")/lib/run.sh" msal.mjs
