# Debian packages, unpacked into private prefixes inside the cache: nothing is installed on the
# machine, no root is needed, and no host is named: the mirror is that of the machine's own apt
# configuration.
#
# To be sourced by build.sh and scripts/native.sh, with CACHE set and `set -euo pipefail`.

TRIXIE=trixie
HOST_PACKAGES="clang-19 lld-19 llvm-19 python3"

say() { printf '%s\n' "build: $*" >&2; }
die() { say "error: $*"; exit 1; }

# The Debian mirror of this machine's own apt configuration, for the suite the machine runs.
debian_mirror() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
    2>/dev/null |
    awk -v suite="$codename" '$2 == suite && $3 == "main" { print $1; exit }'
}

# apt with private state, so that neither root nor a change of the machine is needed.
private_apt() {
  local home=$1; shift
  "${APT_TOOL:-apt-get}" -q -o Dir::State="$home/state" -o Dir::State::status="$home/status" \
    -o Dir::Cache="$home/cache" \
    -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$home/sources" \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts="$home/none" \
    -o Debug::NoLocking=1 -o APT::Install-Recommends=0 -o APT::Sandbox::User= \
    -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# Package lists of the machine's release and of trixie, in the folder that private_apt is given.
prepare_apt() {
  local home=$1 mirror=$2 codename suites
  mkdir -p "$home/state/lists/partial" "$home/cache/archives/partial" "$home/sources" "$home/none"
  cp /var/lib/dpkg/status "$home/status"
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  suites=$codename
  [ "$codename" = "$TRIXIE" ] || suites="$codename $TRIXIE"
  cat >"$home/sources/debian.sources" <<TXT
Types: deb
URIs: $mirror
Suites: $suites
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
TXT
  private_apt "$home" -o APT::Default-Release="$codename" update >"$home/log" 2>&1 ||
    { cat "$home/log" >&2; die "apt could not read the package lists"; }
}

# A program of the trixie prefix runs through that prefix's own loader, so the machine's libc does
# not matter.
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
  (cd "$dir" && private_apt "$home" -t "$suite" download \
    $(printf "%s/$suite " "$@") >"$home/log" 2>&1) ||
    { cat "$home/log" >&2; die "download failed: $*"; }
  local deb
  mkdir -p "$into"
  for deb in "$dir"/*.deb; do dpkg-deb -x "$deb" "$into"; basename "$deb" >>"$into/.packages"; done
  rm -rf "$dir"
}


# Sets PREFIX to a folder of the cache named after the hash of its recipe: the functions named,
# those above that all use, $RECIPE (package names), and the cache's own path, which wrappers and
# configurations hold. Unless it is complete, `maker` makes it; a second process that wants it waits
# for the first.
#   usage: provide_prefix NAME WHAT MAKER [FUNCTION ...]
provide_prefix() {
  local name=$1 what=$2 maker=$3 recipe; shift 2
  recipe=$({ declare -f prepare_apt unpack_named wrap_trixie "$@"; printf '%s' "$RECIPE $CACHE"; } |
    sha256sum | cut -c1-12)
  PREFIX=$CACHE/$name-$recipe
  mkdir -p "$CACHE"
  exec 9>"$PREFIX.lock"
  flock 9
  if [ ! -f "$PREFIX/complete" ]; then
    say "fetching $what into a private prefix"
    rm -rf "$PREFIX"
    mkdir -p "$PREFIX/apt"
    "$maker" "$PREFIX" "$PREFIX/apt"
    rm -rf "$PREFIX/apt"
    touch "$PREFIX/complete"
  fi
  exec 9>&-
}

# A hash over the versions of the packages in prefixes.
package_id() { printf '%s/.packages\0' "$@" | xargs -0 sort | sha256sum | cut -c1-12; }

# Sets HOST_TOOLS to a folder whose bin/ has clang, lld and llvm's tools of the machine's own
# release.
provide_host_tools() {
  local RECIPE=$HOST_PACKAGES
  provide_prefix host "clang 19" make_host_tools
  HOST_TOOLS=$PREFIX
}

make_host_tools() {
  local prefix=$1 home=$2 mirror codename deb tool llvm=/usr/lib/llvm-19/bin
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "apt names no Debian mirror for this release"
  prepare_apt "$home" "$mirror"
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  # What the machine lacks of them and of their dependencies.
  private_apt "$home" -o APT::Default-Release="$codename" install -y --download-only \
    $HOST_PACKAGES >"$home/log" 2>&1 ||
    { cat "$home/log" >&2; die "could not fetch clang"; }
  mkdir -p "$prefix/bin"
  : >"$prefix/.packages"
  for deb in "$home"/cache/archives/*.deb; do
    [ -e "$deb" ] || continue
    dpkg-deb -x "$deb" "$prefix"
    basename "$deb" >>"$prefix/.packages"
  done
  dpkg-query -W clang-19 lld-19 llvm-19 >>"$prefix/.packages" 2>/dev/null || true
  for tool in clang clang++ wasm-ld llvm-ar llvm-nm llvm-objcopy llvm-ranlib llvm-profdata \
    lld ld.lld; do
    if [ -e "$prefix$llvm/$tool" ]; then
      printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' \
        "$prefix/usr/lib/llvm-19/lib:$prefix/usr/lib/x86_64-linux-gnu" "$prefix$llvm/$tool" \
        >"$prefix/bin/$tool"
      chmod +x "$prefix/bin/$tool"
    elif [ -e "$llvm/$tool" ]; then ln -s "$llvm/$tool" "$prefix/bin/$tool"; fi
  done
}

# Unpacks packages of trixie below $1/trixie; $2 is a folder for private_apt's state.
unpack_trixie() {
  local prefix=$1 home=$2 mirror; shift 2
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "apt names no Debian mirror for this release"
  prepare_apt "$home" "$mirror"
  unpack_named "$home" "$prefix/trixie" "$TRIXIE" "$@"
}
