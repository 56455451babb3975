#!/usr/bin/env bash
# Client certificates and dropped files, on the built programs against the sandbox.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_certificate
