#!/usr/bin/env bash
# Everybody's own account behind one connection: sign-in, permission, withdrawal, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_managed
