#!/usr/bin/env bash
# External vaults, on the built programs against the sandbox's stand-ins.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_external_vaults
