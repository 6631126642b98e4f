#!/bin/sh
# Builds emdash-engine.wasm from the pinned QuickJS-ng sources and src/. Only whoever changes the engine runs it;
# the artifact is committed and building the product needs none of these tools.
#
#   Debian: apt-get install clang-19 lld-19 llvm-19 wasi-libc libclang-rt-19-dev-wasm32
set -eu
cd "$(dirname "$0")"

sources=$(cargo metadata --locked --format-version 1 --manifest-path sources/Cargo.toml |
    sed 's/.*"manifest_path":"\([^"]*rquickjs-sys[^"]*\)\/Cargo.toml".*/\1/')/quickjs
test -f "$sources/quickjs.c" || { echo "no QuickJS sources at $sources" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$sources"/*.c "$sources"/*.h "$work"
for patch in patches/*.patch; do
    patch --directory="$work" --strip=1 --quiet <"$patch"
done

flags="--target=wasm32-wasi -O2 -DNDEBUG -D_GNU_SOURCE -fno-strict-aliasing -I$work
    -mbulk-memory -msign-ext -mnontrapping-fptoint -mmutable-globals"
for unit in quickjs libregexp libunicode dtoa; do
    clang-19 $flags -w -c "$work/$unit.c" -o "$work/$unit.o"
done
for unit in engine libc memory; do
    clang-19 $flags -fno-builtin-malloc -Wall -Wextra -Werror -Wno-unused-parameter -c "src/$unit.c" -o "$work/$unit.o"
done

# The stack comes first, so that an overflow leaves memory and traps instead of overwriting data.
wasm-ld-19 --no-entry --import-memory --stack-first -z stack-size=524288 --gc-sections --strip-all -O2 \
    -o "$work/engine.wasm" "$work"/engine.o "$work"/libc.o "$work"/memory.o "$work"/quickjs.o \
    "$work"/libregexp.o "$work"/libunicode.o "$work"/dtoa.o -L/usr/lib/wasm32-wasi -lc -lm \
    "$(clang-19 --target=wasm32-wasi -print-resource-dir)/lib/wasi/libclang_rt.builtins-wasm32.a"

cp "$work/engine.wasm" emdash-engine.wasm
{
    echo "sources $(cat build.sh patches/* sources/Cargo.lock sources/Cargo.toml src/* | sha256sum | cut -d' ' -f1)"
    echo "artifact $(sha256sum <emdash-engine.wasm | cut -d' ' -f1)"
} >emdash-engine.sha256
cat emdash-engine.sha256
