#!/bin/sh
# Proves the direction of flow: a layer includes only itself and layers below it.
#   cli > report > fix > policy > analysis > graph < frontend < syntax < base
set -eu
bad=0
check() {
    layer=$1; shift
    for f in $(find "src/$layer" -name '*.[ch]' -not -name '*_test.c'); do
        for included in $(sed -n 's/^#include "\([a-z_]*\)\/.*/\1/p' "$f" | sort -u); do
            case " $* " in
            *" $included "*) ;;
            *) echo "$f includes $included/, which is not below $layer/"; bad=1 ;;
            esac
        done
    done
}
check base base
check syntax base syntax
check graph base syntax graph
check frontend base syntax graph frontend
check analysis base syntax graph analysis
check policy base syntax graph analysis policy
check fix base syntax graph analysis policy fix
check report base syntax graph analysis policy fix report
check cli base syntax graph frontend analysis policy fix report cli

# Words of another layer's world.
forbid() {
    layer=$1 word=$2
    if grep -rnwi --include='*.c' --include='*.h' --exclude='*_test.c' -e "$word" "src/$layer" | grep -v '^[^:]*:[0-9]*: *\(/\*\|\*\)' | grep -v '/\*.*'"$word"; then
        echo "src/$layer must not say \"$word\""; bad=1
    fi
}
forbid syntax resource
for layer in base syntax graph frontend analysis policy fix; do
    if grep -rnE --include='*.c' --exclude='*_test.c' '\b(printf|puts|putchar|exit|perror)\(' "src/$layer" | grep -vE '(fprintf|snprintf|_printf|_exit)\('; then
        echo "src/$layer must not print or exit"; bad=1
    fi
done
[ $bad = 0 ] && echo "layering: clean"
exit $bad
