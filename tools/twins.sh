#!/bin/sh
# The same infrastructure in several formats. Usage: twins.sh HIPAALINT. Last line: N passed, N failed.
exec python3 tools/twins.py "$1"
