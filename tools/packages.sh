#!/bin/sh
# Installs the packages that a goal needs, where they are missing: packages.sh build|test|check
# Debian and Ubuntu: through apt, as root or with sudo. Elsewhere, and with HIPAALINT_NO_INSTALL=1: says what to install.
set -eu
goal=${1:-build}

have_lib() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1" 2>/dev/null; }
have_header() { printf '#include <stdarg.h>\n#include <stddef.h>\n#include <setjmp.h>\n#include <stdint.h>\n#include <%s>\n' "$1" | ${CC:-cc} -E - >/dev/null 2>&1; }

missing=""
need() { missing="$missing $1"; }
compiler=${CC:-cc}
command -v "${compiler%% *}" >/dev/null 2>&1 || need gcc
command -v make >/dev/null 2>&1 || need make
command -v pkg-config >/dev/null 2>&1 || need pkg-config
[ -e /usr/include/stdio.h ] || [ "$(uname -s)" = Darwin ] || need libc6-dev
have_lib yaml-0.1 || need libyaml-dev
have_lib tree-sitter || have_header tree_sitter/api.h || need libtree-sitter-dev
have_lib libpcre2-8 || need libpcre2-dev
if [ "$goal" = test ] || [ "$goal" = check ]; then
    have_lib cmocka || have_header cmocka.h || need libcmocka-dev
    command -v python3 >/dev/null 2>&1 || need python3
fi
if [ "$goal" = check ]; then
    command -v clang >/dev/null 2>&1 || need clang
    command -v clang-format >/dev/null 2>&1 || need clang-format
    command -v mandoc >/dev/null 2>&1 || need mandoc
    command -v cppcheck >/dev/null 2>&1 || need cppcheck
    command -v valgrind >/dev/null 2>&1 || need valgrind
    command -v xmllint >/dev/null 2>&1 || need libxml2-utils
    command -v clang-tidy >/dev/null 2>&1 || need clang-tidy
    have_lib libcjson || need libcjson-dev # testdata/bench compares with it
fi
[ -n "$missing" ] || exit 0

if [ -n "${HIPAALINT_NO_INSTALL:-}" ] && command -v apt-get >/dev/null 2>&1; then
    echo "hipaalint: these packages are missing:$missing (apt-get install$missing)" >&2
    exit 1
fi
if command -v apt-get >/dev/null 2>&1; then
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null 2>&1; then sudo=sudo; else
            echo "hipaalint: these packages are missing:$missing" >&2
            echo "hipaalint: run as root: apt-get install$missing" >&2
            exit 1
        fi
    fi
    echo "installing:$missing"
    # Lists may be absent (fresh image) or out of date: one refresh, then one retry.
    { DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1; } ||
        { $sudo apt-get update -q >/dev/null &&
          DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing; }
    exit 0
fi

cat >&2 <<EOF
hipaalint: missing (by their Debian names):$missing
Install them with the system's package manager, then run make again:
  Fedora:  dnf install gcc make pkgconf libyaml-devel libtree-sitter-devel pcre2-devel libcmocka-devel
  Alpine:  apk add build-base pkgconf yaml-dev tree-sitter-dev pcre2-dev cmocka-dev
  macOS:   brew install pkgconf libyaml tree-sitter pcre2 cmocka
EOF
exit 1
