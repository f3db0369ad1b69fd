#!/usr/bin/env bash
# Builds rocksdb-wasm: toolchain and pinned sources in, dist/ out.
#
#   ./build.sh [TARGET ...]
#
#   release  (default) dist/rocksdb.wasm, its names in dist/rocksdb.wasm.names
#   debug    dist/rocksdb.debug.wasm: assertions, function names, stack and heap checks
#
# scripts/build-js.mjs makes the rest of dist/.
#
# Everything that takes time is kept in a cache outside the checkout, keyed by the hash of its inputs:
# ROCKSDB_WASM_CACHE, else $XDG_CACHE_HOME/rocksdb-wasm, else ~/.cache/rocksdb-wasm.
# An em++ of version 3.1.69 or later on PATH is used as it is; otherwise, on Debian, the toolchain is
# unpacked into a private prefix inside the cache (nothing is installed on the machine, no root needed).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
ROOT=$PWD
CACHE=${ROCKSDB_WASM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rocksdb-wasm}
mkdir -p "$CACHE/downloads"

say() { printf '%s\n' "build: $*" >&2; }
die() { say "error: $*"; exit 1; }

# --- toolchain ------------------------------------------------------------------------------------

EMSCRIPTEN_SUITE=trixie
EMSCRIPTEN_MIN=3.1.69
TRIXIE_PACKAGES="emscripten binaryen libc6 libstdc++6 libgcc-s1 node-acorn"
HOST_PACKAGES="clang-19 lld-19 llvm-19 python3"
# Native RocksDB, and what a C++ program needs to be compiled against it.
NATIVE_PACKAGES="rocksdb-tools librocksdb-dev librocksdb9.10 libc6-dev libstdc++-14-dev libgcc-14-dev linux-libc-dev
  libgflags2.2 libsnappy1v5 zlib1g libbz2-1.0 liblz4-1 libzstd1 libjemalloc2 liburing2 libtbb12 libnuma1"

version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# The Debian mirror of this machine's own apt configuration, for the suite the machine runs.
debian_mirror() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v suite="$codename" '$2 == suite && $3 == "main" { print $1; exit }'
}

# apt with private state, so that neither root nor a change of the machine is needed.
private_apt() {
  local home=$1; shift
  "${APT_TOOL:-apt-get}" -q -o Dir::State="$home/state" -o Dir::State::status="$home/status" \
    -o Dir::Cache="$home/cache" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$home/sources" \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$home/none" \
    -o Debug::NoLocking=1 -o APT::Install-Recommends=0 -o APT::Sandbox::User= -o Acquire::Languages=none \
    -o Acquire::Retries=3 "$@"
}

prepare_apt() {
  local home=$1 mirror=$2 codename suites
  mkdir -p "$home/state/lists/partial" "$home/cache/archives/partial" "$home/sources" "$home/none"
  cp /var/lib/dpkg/status "$home/status"
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  suites=$codename
  [ "$codename" = "$EMSCRIPTEN_SUITE" ] || suites="$codename $EMSCRIPTEN_SUITE"
  cat >"$home/sources/debian.sources" <<TXT
Types: deb
URIs: $mirror
Suites: $suites
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
TXT
  private_apt "$home" -o APT::Default-Release="$codename" update >"$home/log" 2>&1 || { cat "$home/log" >&2; die "apt could not read the package lists"; }
}

# A program of the trixie prefix runs through that prefix's own loader, so the machine's libc does not matter.
wrap_trixie() {
  local prefix=$1 program=$2 out=$3
  cat >"$out" <<TXT
#!/bin/sh
exec "$prefix/trixie/usr/lib64/ld-linux-x86-64.so.2" --library-path "$prefix/trixie/usr/lib/x86_64-linux-gnu" "$program" "\$@"
TXT
  chmod +x "$out"
}

# Downloads packages of one suite (all named, no dependencies) and unpacks them below a folder.
unpack_named() {
  local home=$1 into=$2 suite=$3 dir; shift 3
  dir=$(mktemp -d "$home/deb.XXXXXX")
  (cd "$dir" && private_apt "$home" -t "$suite" download $(printf "%s/$suite " "$@") >"$home/log" 2>&1) ||
    { cat "$home/log" >&2; die "download failed: $*"; }
  local deb
  mkdir -p "$into"
  for deb in "$dir"/*.deb; do dpkg-deb -x "$deb" "$into"; basename "$deb" >>"$into/.packages"; done
  rm -rf "$dir"
}

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
    die "no em++ >= $EMSCRIPTEN_MIN on PATH and this is not Debian; install an emsdk and put it on PATH"
  local recipe
  recipe=$(declare -f wrap_trixie unpack_named make_toolchain prepare_apt | cat - <(printf '%s' "$TRIXIE_PACKAGES $HOST_PACKAGES") | sha256sum | cut -c1-12)
  TOOLCHAIN=$CACHE/toolchain-$recipe
  if [ ! -f "$TOOLCHAIN/complete" ]; then
    say "toolchain: fetching emscripten >= $EMSCRIPTEN_MIN, clang 19 and binaryen into a private prefix"
    rm -rf "$TOOLCHAIN"; make_toolchain "$TOOLCHAIN"; touch "$TOOLCHAIN/complete"
  fi
  TOOLCHAIN_ID=$(sort "$TOOLCHAIN/trixie/.packages" "$TOOLCHAIN/host.packages" | sha256sum | cut -c1-12)
}

make_toolchain() {
  local prefix=$1 mirror home codename deb
  mirror=$(debian_mirror); [ -n "$mirror" ] || die "apt names no Debian mirror for this release"
  home=$prefix/apt; mkdir -p "$home"
  prepare_apt "$home" "$mirror"
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  # What the machine lacks of clang and its dependencies, for the release the machine runs.
  private_apt "$home" -o APT::Default-Release="$codename" install -y --download-only $HOST_PACKAGES >"$home/log" 2>&1 ||
    { cat "$home/log" >&2; die "could not fetch clang"; }
  mkdir -p "$prefix/host"; : >"$prefix/host.packages"
  for deb in "$home"/cache/archives/*.deb; do
    [ -e "$deb" ] || continue
    dpkg-deb -x "$deb" "$prefix/host"; basename "$deb" >>"$prefix/host.packages"
  done
  dpkg-query -W clang-19 lld-19 llvm-19 >>"$prefix/host.packages" 2>/dev/null || true
  unpack_named "$home" "$prefix/trixie" "$EMSCRIPTEN_SUITE" $TRIXIE_PACKAGES
  rm -rf "$home"

  local llvm=/usr/lib/llvm-19/bin em=$prefix/trixie/usr/share/emscripten tool
  mkdir -p "$prefix/bin" "$prefix/llvm" "$prefix/binaryen/bin"
  for tool in clang clang++ wasm-ld llvm-ar llvm-nm llvm-objcopy llvm-ranlib llvm-profdata lld ld.lld; do
    if [ -e "$prefix/host$llvm/$tool" ]; then
      printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' \
        "$prefix/host/usr/lib/llvm-19/lib:$prefix/host/usr/lib/x86_64-linux-gnu" "$prefix/host$llvm/$tool" >"$prefix/llvm/$tool"
      chmod +x "$prefix/llvm/$tool"
    elif [ -e "$llvm/$tool" ]; then ln -s "$llvm/$tool" "$prefix/llvm/$tool"; fi
  done
  for tool in "$prefix"/trixie/usr/bin/wasm*; do
    wrap_trixie "$prefix" "$tool" "$prefix/binaryen/bin/$(basename "$tool")"
  done
  mkdir -p "$em/node_modules"
  for tool in "$prefix"/trixie/usr/share/nodejs/acorn*; do
    ln -sfn "$tool" "$em/node_modules/$(basename "$tool")"
  done
  local python=/usr/bin/python3
  [ -x "$python" ] || python=$prefix/host/usr/bin/python3
  cat >"$prefix/emscripten.config" <<TXT
LLVM_ROOT = '$prefix/llvm'
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

# --- sources --------------------------------------------------------------------------------------

provide_sources() {
  local mirror='' kind=upstream name version k sha where file url tree
  if command -v apt-get >/dev/null 2>&1; then mirror=$(debian_mirror); fi
  [ -n "$mirror" ] && kind=debian
  while read -r name version k sha where; do
    case $name in ''|\#*) continue;; esac
    [ "$k" = "$kind" ] || continue
    tree=rocksdb-src/$name
    [ "$(cat "$tree/.sha256" 2>/dev/null)" = "$sha" ] && continue
    file=$CACHE/downloads/$sha
    if [ ! -f "$file" ]; then
      url=$where; [ "$kind" = debian ] && url=${mirror%/}/pool/$where
      say "sources: fetching $name $version"
      node scripts/fetch.mjs "$url" "$file.part" || die "could not fetch $name $version"
      mv "$file.part" "$file"
    fi
    [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$sha" ] || { rm -f "$file"; die "$name $version: sha256 differs from sources.lock"; }
    rm -rf "$tree" "$tree.part"; mkdir -p "$tree.part"
    tar -xf "$file" --strip-components=1 -C "$tree.part"
    printf '%s\n' "$sha" >"$tree.part/.sha256"; mv "$tree.part" "$tree"
  done <rocksdb-src/sources.lock
}

# --- targets --------------------------------------------------------------------------------------

export CACHE
# What was built before from the same inputs is taken from the cache, with no toolchain and no sources.
if node scripts/compile.mjs --cached "$@"; then exit 0; fi
TOOLCHAIN= TOOLCHAIN_ID=
provide_toolchain
provide_sources
TOOLCHAIN=$TOOLCHAIN TOOLCHAIN_ID=$TOOLCHAIN_ID node scripts/compile.mjs "$@"
