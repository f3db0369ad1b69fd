#!/usr/bin/env bash
# Builds rocksdb-wasm: toolchain and pinned sources in, dist/ out.
#
#   ./build.sh [TARGET ...]
#
#   release  (default) dist/rocksdb.wasm, its names in dist/rocksdb.wasm.names
#   tools    dist/rocksdb.tools.wasm: release with RocksDB's own tools, for src/tools.ts
#   debug    dist/rocksdb.debug.wasm: assertions, function names, stack and heap checks
#   plain    dist/rocksdb.plain.wasm: release without the monitor, for bench/monitor.mjs
#   sources  only the pinned sources, below rocksdb-src/
#   run FILE [ARGUMENT ...]   node on a file that needs the toolchain and the sources
#
# scripts/build-js.mjs makes the rest of dist/.
#
# Everything that takes time is kept in a cache outside the checkout, keyed by the hash of its
# inputs: ROCKSDB_WASM_CACHE, else $XDG_CACHE_HOME/rocksdb-wasm, else ~/.cache/rocksdb-wasm. An em++
# of version 3.1.69 or later on PATH is used as it is; otherwise, on Debian, the toolchain is
# unpacked into a private prefix inside the cache (nothing is installed on the machine, no root
# needed).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
ROOT=$PWD
CACHE=${ROCKSDB_WASM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rocksdb-wasm}
mkdir -p "$CACHE/downloads"

. scripts/apt.sh
. scripts/sources.sh

# --- toolchain ------------------------------------------------------------------------------------

EMSCRIPTEN_MIN=3.1.69
TOOLCHAIN_PACKAGES="emscripten binaryen libc6 libstdc++6 libgcc-s1 node-acorn"

version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Sets TOOLCHAIN (a folder with bin/em++ ...) or leaves it empty when PATH's em++ serves.
provide_toolchain() {
  local found
  if command -v em++ >/dev/null 2>&1; then
    found=$(em++ --version 2>/dev/null | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p')
    if version_at_least "${found:-0}" "$EMSCRIPTEN_MIN"; then
      TOOLCHAIN=; TOOLCHAIN_ID="path-$found"; say "using em++ $found from PATH"; return
    fi
  fi
  command -v apt-get >/dev/null 2>&1 ||
    die "no em++ >= $EMSCRIPTEN_MIN on PATH, and this is not Debian: put an emsdk's on PATH"
  provide_host_tools
  local RECIPE="$TOOLCHAIN_PACKAGES $(basename "$HOST_TOOLS")"
  provide_prefix toolchain "emscripten >= $EMSCRIPTEN_MIN and binaryen" make_toolchain unpack_trixie
  TOOLCHAIN=$PREFIX
  TOOLCHAIN_ID=$(package_id "$TOOLCHAIN/trixie" "$HOST_TOOLS")
}

make_toolchain() {
  local prefix=$1 home=$2 em=$1/trixie/usr/share/emscripten tool
  unpack_trixie "$prefix" "$home" $TOOLCHAIN_PACKAGES
  mkdir -p "$prefix/bin" "$prefix/binaryen/bin" "$em/node_modules"
  for tool in "$prefix"/trixie/usr/bin/wasm*; do
    wrap_trixie "$prefix" "$tool" "$prefix/binaryen/bin/$(basename "$tool")"
  done
  for tool in "$prefix"/trixie/usr/share/nodejs/acorn*; do
    ln -sfn "$tool" "$em/node_modules/$(basename "$tool")"
  done
  local python=/usr/bin/python3
  [ -x "$python" ] || python=$HOST_TOOLS/usr/bin/python3
  cat >"$prefix/emscripten.config" <<TXT
LLVM_ROOT = '$HOST_TOOLS/bin'
BINARYEN_ROOT = '$prefix/binaryen'
EMSCRIPTEN_ROOT = '$em'
NODE_JS = '$(command -v node)'
CACHE = '$em/cache'
FROZEN_CACHE = True
TXT
  for tool in emcc em++ emar; do
    printf '#!/bin/sh\nEM_CONFIG="%s" exec "%s" -E "%s" "$@"\n' \
      "$prefix/emscripten.config" "$python" "$em/$tool.py" >"$prefix/bin/$tool"
    chmod +x "$prefix/bin/$tool"
  done
}

# --- targets --------------------------------------------------------------------------------------

export CACHE
if [ "${1:-}" = sources ]; then provide_sources; exit 0; fi
run_with_toolchain() {
  TOOLCHAIN= TOOLCHAIN_ID=
  provide_toolchain
  provide_sources
  TOOLCHAIN=$TOOLCHAIN TOOLCHAIN_ID=$TOOLCHAIN_ID exec node "$@"
}
if [ "${1:-}" = run ]; then shift; run_with_toolchain "$@"; fi
# What was built before from the same inputs is taken from the cache, with no toolchain and no
# sources.
if node scripts/compile.mjs --cached "$@"; then exit 0; fi
run_with_toolchain scripts/compile.mjs "$@"
