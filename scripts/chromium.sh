#!/usr/bin/env bash
# Provides a headless Chromium (Debian's) in a private prefix of the cache, for the tests that open
# pages and profiles in it. Prints the folder: `chromium` in it is the command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${CACHE:?is set by scripts/chromium.mjs}"
. scripts/apt.sh

CHROMIUM_PACKAGES="chromium fonts-dejavu-core fonts-liberation"

# All that the machine lacks of them and of what they depend on.
make_chromium() {
  local prefix=$1 home=$2 mirror codename deb
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "apt names no Debian mirror for this release"
  prepare_apt "$home" "$mirror"
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  private_apt "$home" -o APT::Default-Release="$codename" install -y --download-only \
    $CHROMIUM_PACKAGES >"$home/log" 2>&1 ||
    { cat "$home/log" >&2; die "could not fetch chromium"; }
  for deb in "$home"/cache/archives/*.deb; do
    dpkg-deb -x "$deb" "$prefix/tree"
    basename "$deb" >>"$prefix/.packages"
  done
  cat >"$prefix/fonts.conf" <<TXT
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$prefix/tree/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>$prefix/font-cache</cachedir>
</fontconfig>
TXT
  local libraries=$prefix/tree/usr/lib/x86_64-linux-gnu
  cat >"$prefix/chromium" <<TXT
#!/bin/sh
export LD_LIBRARY_PATH="$libraries:$libraries/pulseaudio:$prefix/tree/lib/x86_64-linux-gnu"
export FONTCONFIG_FILE="$prefix/fonts.conf"
exec "$prefix/tree/usr/lib/chromium/chromium" "\$@"
TXT
  chmod +x "$prefix/chromium"
}

[ "$(uname -m)" = x86_64 ] || die "Chromium is provided for x86_64 only, and this is $(uname -m)"
command -v apt-get >/dev/null 2>&1 ||
  die "Chromium comes as a Debian package, and there is no apt-get here"
RECIPE=$CHROMIUM_PACKAGES
provide_prefix chromium "Chromium" make_chromium
printf '%s\n' "$PREFIX"
