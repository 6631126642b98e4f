#!/bin/sh
# Builds the components the tests run (fixtures/native) from the SDK, its example and the probe. Only whoever changes
# one of these, or wit/next, runs it; the components are committed and testing needs none of these tools.
#
#   rustup target add wasm32-unknown-unknown
set -eu
cd "$(dirname "$0")"
fixtures=../../fixtures/native

cargo build --locked --release --target wasm32-unknown-unknown
for plugin in seo-score probe; do
    module=target/wasm32-unknown-unknown/release/$(echo "$plugin" | tr - _).wasm
    cargo run --quiet --locked --manifest-path ../../Cargo.toml -p emdash-sandbox --example componentise -- \
        "$module" "$fixtures/$plugin.wasm"
done

sources=$(find build.sh Cargo.lock Cargo.toml emdash-plugin examples probe ../../wit/next -type f | LC_ALL=C sort)
{
    # shellcheck disable=SC2086 # no path here has a space
    echo "sources $(cat $sources | sha256sum | cut -d' ' -f1)"
    for plugin in seo-score probe; do
        echo "$plugin $(sha256sum <"$fixtures/$plugin.wasm" | cut -d' ' -f1)"
    done
} >"$fixtures/native.sha256"
cat "$fixtures/native.sha256"
