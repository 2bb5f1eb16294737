#!/bin/sh
# Runs every test program of a build directory, the rule examples and the golden cases; adds up.
# Usage: run-tests.sh BUILD. Last line: N passed, N failed.
build=$1
passed=0 failed=0
count() { # from cmocka's output
    p=$(printf '%s\n' "$1" | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' | tail -1)
    f=$(printf '%s\n' "$1" | sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' | tail -1)
    passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0}))
}
for t in $(find "$build/test" -type f -name '*_test' | sort); do
    out=$("$t" 2>&1); rc=$?
    count "$out"
    printf '%s\n' "$out" | grep -i '^skipped' | sed "s|^|$(basename "$t"): |"
    if [ $rc -ne 0 ]; then
        printf '%s\n' "$out" | tail -60
        echo "FAILED: $t (exit $rc)"
        printf '%s\n' "$out" | grep -q '^\[  FAILED  \] [0-9]' || failed=$((failed + 1))
    fi
done
# Fuzz corpora as regression tests.
for t in $(find "$build/fuzz" -maxdepth 1 -type f -name 'fuzz_*' ! -name '*.gc*' 2>/dev/null | sort); do
    name=$(basename "$t")
    if out=$("$t" "testdata/fuzz/$name" 2>&1); then passed=$((passed + 1)); else
        failed=$((failed + 1)); printf '%s\n' "$out" | tail -40; echo "FAILED: $t"
    fi
done
faults=:
sanitized=--sanitized
if [ "$build" = build ]; then # a preloaded library and the sanitizers do not go together, and failing calls spoil counters
    faults="python3 tools/faults.py $build/hipaalint $build/faultio.so --step 13 --class io --class io-on --class thread --class short --class malloc --formats json,junit testdata/projects/clinic testdata/robustness/mixed"
fi
if [ "$build" = build ] || [ "$build" = build/coverage ]; then sanitized=; fi
confine=: launcher=
[ "$build" != build ] || { launcher=build/confine; confine="sh tools/confine.sh build/hipaalint $launcher"; }
# What runs the program hundreds of times does so with the release build; the sanitizers see a part of it.
mutations="python3 tools/mutations.py $build/hipaalint"
sarif="sh tools/sarif.sh $build/hipaalint" since="sh tools/since.sh $build/hipaalint"
completions="sh tools/completions.sh $build/hipaalint" terminal="python3 tools/terminal.py $build/hipaalint"
if [ "$build" != build ] && [ "$build" != build/coverage ]; then
    mutations="$mutations --only lake-*"
    sarif=: since=: completions=: terminal=:
fi
truth="python3 tools/truth.py $build/hipaalint --runs 3 testdata/projects/clinic testdata/robustness/mixed"
for extra in "$build/hipaalint test" "$faults" "$truth --seed 1" "$truth" \
    "python3 tools/bad-inputs.py $build/hipaalint $sanitized" "python3 tools/filesystem.py $build/hipaalint $launcher" "$confine" "sh tools/golden.sh $build/hipaalint" \
    "sh tools/twins.sh $build/hipaalint" \
    "sh tools/traps.sh $build/hipaalint" "sh tools/pss.sh $build/hipaalint" "sh tools/authoring.sh $build/hipaalint" \
    "python3 tools/hostile.py $build/hipaalint" "$mutations" "$sarif" "$since" "$completions" "$terminal"; do
    out=$($extra 2>&1); rc=$?
    printf '%s\n' "$out" | grep -E '^(skipped|seed [0-9])'
    line=$(printf '%s\n' "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed' | tail -1)
    p=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p'); f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
    passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0}))
    if [ $rc -ne 0 ]; then
        printf '%s\n' "$out" | tail -60; echo "FAILED: $extra (exit $rc)"
        [ "${f:-0}" -gt 0 ] || failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
