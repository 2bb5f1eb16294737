#!/bin/sh
# The C files that are ours to format: everything but the generated parser.
find src tools testdata -name '*.[ch]' -not -path '*/grammars/*' | sort
