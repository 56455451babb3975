#!/usr/bin/env bash
# Microsoft's Graph JavaScript client against renkei-sandbox.
exec "$(dirname "$0")/lib/run.sh" graph_client.mjs
