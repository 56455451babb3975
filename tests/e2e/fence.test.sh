#!/usr/bin/env bash
# What a connection may touch, decided by the directory and proved at the provider, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_fence
