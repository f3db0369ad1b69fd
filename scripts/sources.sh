# The pinned sources. To be sourced after scripts/apt.sh, with the checkout as the working folder.

# Unpacks what rocksdb-src/sources.lock names below rocksdb-src/, unless it is there.
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
    [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$sha" ] ||
      { rm -f "$file"; die "$name $version: sha256 differs from sources.lock"; }
    rm -rf "$tree" "$tree.part"; mkdir -p "$tree.part"
    tar -xf "$file" --strip-components=1 -C "$tree.part"
    printf '%s\n' "$sha" >"$tree.part/.sha256"; mv "$tree.part" "$tree"
  done <rocksdb-src/sources.lock
}
