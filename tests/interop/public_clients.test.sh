#!/usr/bin/env bash
# msal-node as a public client, in every cloud, and the Graph client on the directory.
exec "$(dirname "$0")/lib/run.sh" public_clients.mjs
