#!/usr/bin/env bash
# Provides native RocksDB 9.10 (Debian trixie's), what a C++ program needs to be compiled for it,
# and clang. Prints, a line each: `clang FOLDER` (clang++ and ld.lld are in it), `trixie FOLDER`,
# and `id HASH` over the versions of all that.
#
#   scripts/native.sh [sources]     `sources`: the pinned sources below rocksdb-src/, too
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${CACHE:?is set by scripts/native.mjs}"
. scripts/apt.sh
. scripts/sources.sh

NATIVE_PACKAGES="rocksdb-tools librocksdb-dev librocksdb9.10
  libc6-dev libstdc++-14-dev libgcc-14-dev linux-libc-dev libc6 libstdc++6 libgcc-s1
  libgflags2.2 libsnappy1v5 zlib1g libbz2-1.0 liblz4-1 libzstd1 libxxhash0"

make_native() {
  local prefix=$1 home=$2
  unpack_trixie "$prefix" "$home" $NATIVE_PACKAGES
  # What base-files would bring: libc's linker scripts name /lib.
  ln -s usr/lib "$prefix/trixie/lib"
  ln -s usr/lib64 "$prefix/trixie/lib64"
}

[ "$(uname -m)" = x86_64 ] ||
  die "native RocksDB is provided for x86_64 only, and this is $(uname -m)"
command -v apt-get >/dev/null 2>&1 ||
  die "native RocksDB comes as Debian packages, and there is no apt-get here"
if [ "${1:-}" = sources ]; then provide_sources; fi
provide_host_tools
RECIPE=$NATIVE_PACKAGES
provide_prefix native "native RocksDB" make_native unpack_trixie
printf 'clang %s\ntrixie %s\nid %s\n' \
  "$HOST_TOOLS/bin" "$PREFIX/trixie" "$(package_id "$PREFIX/trixie" "$HOST_TOOLS")"
