#!/usr/bin/env bash
# Every way to sign in to Microsoft 365, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_sign_in_types
