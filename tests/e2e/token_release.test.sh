#!/usr/bin/env bash
# Releasing tokens, the fast way and the ordinary one.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_token_release
