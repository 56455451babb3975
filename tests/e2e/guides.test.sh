#!/usr/bin/env bash
# The guides: their commands are run as they stand, and they name what the provider's administrator must do.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_guides
