#!/bin/sh
# The pre-commit hook `hipaalint`: builds the program of this revision once, into this copy of the repository, then
# becomes it. Installs nothing; says what is missing. CC, CFLAGS and MAKEFLAGS of the environment count.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
revision=$(git -C "$here" rev-parse HEAD 2>/dev/null || echo unknown)
stamp=$here/build/hook-revision
is_built() { [ -x "$here/build/hipaalint" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$revision" ]; }
if ! is_built; then
    mkdir -p "$here/build"
    lock=$here/build/hook-lock
    # Two runs at once: one builds. A lock that outlives ten minutes belongs to nobody.
    waited=0
    until mkdir "$lock" 2>/dev/null; do
        [ "$waited" -lt 600 ] || { rmdir "$lock" 2>/dev/null || true; waited=0; }
        sleep 1
        waited=$((waited + 1))
    done
    trap 'rmdir "$lock" 2>/dev/null || true' EXIT INT TERM
    if ! is_built; then
        echo "hipaalint: building revision $revision (once)" >&2
        if ! (cd "$here" && HIPAALINT_NO_INSTALL=1 make -j2 build/hipaalint) >"$here/build/hook-log" 2>&1; then
            tail -20 "$here/build/hook-log" >&2
            echo "hipaalint: the program could not be built; the whole log is $here/build/hook-log" >&2
            exit 2
        fi
        echo "$revision" >"$stamp"
    fi
    rmdir "$lock"
    trap - EXIT INT TERM
fi
exec "$here/build/hipaalint" "$@"
