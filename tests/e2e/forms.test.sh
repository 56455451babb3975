#!/usr/bin/env bash
# Every kind of connection made by the pages' forms, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_forms
