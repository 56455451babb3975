#!/usr/bin/env bash
# One native call of each Graph-based connector, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_native
