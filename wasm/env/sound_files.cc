// What RocksDB takes for granted of files whose checksums are right, or that have none: lengths and offsets in blocks are
// asserted or not looked at, since it writes them itself. A file that says otherwise would be read past its blocks' ends,
// or have gigabytes allocated. scripts/scopes.mjs puts calls of these where RocksDB parses what it has read.
#include <cstdint>
#include <cstring>

#include "rocksdb/compression_type.h"
#include "rocksdb/rocksdb_namespace.h"

namespace ROCKSDB_NAMESPACE {

// Declared where they are called.
bool rdb_block_is_sound(const char* data, size_t size, size_t min_key_bytes);
bool rdb_index_block_is_sound(const char* data, size_t size, bool full_values, bool first_keys);
bool rdb_size_is_plausible(CompressionType type, const char* data, size_t size, uint32_t format);
bool rdb_plain_index_is_sound(const char* data, size_t size, uint32_t buckets);

namespace {

constexpr size_t kMaxHashedBlockBytes = 1u << 16;
constexpr uint32_t kHashedBit = 1u << 31;
constexpr uint8_t kCollisionOrNone = 254;
// Three bytes may stand for a whole block of zstd's.
constexpr uint64_t kZstdRatio = 128 * 1024 / 3;
// No file of a 32-bit engine has larger blocks.
constexpr uint64_t kMaxBlockBytes = 0xf0000000u;

uint32_t Fixed32(const uint8_t* at) {
  uint32_t value;
  memcpy(&value, at, sizeof value);
  return value;
}

// A cursor over encoded numbers; what does not fit makes it fail for good.
struct Cursor {
  const uint8_t* at;
  const uint8_t* end;
  bool ok = true;

  size_t left() const { return static_cast<size_t>(end - at); }

  uint64_t Varint(uint32_t max_bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < max_bytes && at < end; ++i) {
      const uint8_t byte = *at++;
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    ok = false;
    return 0;
  }
  uint64_t Varint32() {
    const uint64_t value = Varint(5);
    if (value > 0xffffffffu) ok = false;
    return value;
  }
  void Skip(uint64_t bytes) {
    if (bytes > left()) ok = false;
    if (ok) at += bytes;
  }
};

// Entries, then restart points, then perhaps a hash index, then how many restart points there are.
struct Parts {
  const uint8_t* data = nullptr;
  uint32_t entries_end = 0;
  uint32_t restarts = 0;
  bool ok = false;

  Parts(const char* begin, size_t size) : data(reinterpret_cast<const uint8_t*>(begin)) {
    if (size < sizeof(uint32_t) || size > kMaxBlockBytes) return;
    const uint32_t footer = Fixed32(data + size - 4);
    const bool hashed = size <= kMaxHashedBlockBytes && (footer & kHashedBit) != 0;
    restarts = size <= kMaxHashedBlockBytes ? footer & ~kHashedBit : footer;
    uint64_t end = size - 4;
    if (hashed) {
      if (end < 2) return;
      const uint32_t buckets = data[end - 2] | data[end - 1] << 8;
      if (buckets == 0 || buckets > end - 2) return;
      end -= 2 + buckets;
      for (uint32_t i = 0; i < buckets; ++i) {
        if (data[end + i] < kCollisionOrNone && data[end + i] >= restarts) return;
      }
    }
    if (static_cast<uint64_t>(restarts) * 4 > end) return;
    entries_end = static_cast<uint32_t>(end) - restarts * 4;
    ok = true;
  }

  // Offsets are in the order of the restart points; the first entry begins at the first one.
  uint32_t Restart(uint32_t index) const { return Fixed32(data + entries_end + 4 * index); }
};

// What an entry says of itself before its key.
struct Entry {
  uint64_t shared = 0;
  uint64_t not_shared = 0;
  uint64_t value_bytes = 0;

  Entry(Cursor* cursor, bool value_has_length) {
    const uint8_t* at = cursor->at;
    // Most have one byte for each: every block that is read goes through here.
    if (value_has_length && cursor->left() >= 3 && (at[0] | at[1] | at[2]) < 0x80) {
      shared = at[0];
      not_shared = at[1];
      value_bytes = at[2];
      cursor->at += 3;
      return;
    }
    shared = cursor->Varint32();
    not_shared = cursor->Varint32();
    if (value_has_length) value_bytes = cursor->Varint32();
  }
};

// Walks the entries: `value` looks at that of an entry whose key shares so many bytes with the one before, and skips it
// when nothing says how long it is.
template <typename Value>
bool EntriesAreSound(const Parts& parts, bool value_has_length, size_t min_key_bytes,
                     Value&& value) {
  if (!parts.ok) return false;
  if (parts.restarts == 0) return parts.entries_end == 0;
  if (parts.Restart(0) != 0) return false;
  Cursor cursor{parts.data, parts.data + parts.entries_end};
  uint64_t key_bytes = 0;
  uint32_t restart = 0;
  uint32_t restart_at = 0;
  while (cursor.left() > 0) {
    const uint32_t offset = static_cast<uint32_t>(cursor.at - parts.data);
    const Entry entry(&cursor, value_has_length);
    if (!cursor.ok || entry.shared > key_bytes) return false;
    if (offset == restart_at && restart < parts.restarts) {
      if (entry.shared != 0) return false;
      if (++restart < parts.restarts) restart_at = parts.Restart(restart);
    }
    key_bytes = entry.shared + entry.not_shared;
    if (key_bytes < min_key_bytes) return false;
    cursor.Skip(entry.not_shared);
    if (!cursor.ok) return false;
    if (value_has_length) {
      if (entry.value_bytes > cursor.left()) return false;
      if (!value(Cursor{cursor.at, cursor.at + entry.value_bytes}, entry.shared)) return false;
      cursor.at += entry.value_bytes;
    } else {
      const uint8_t* end = value(cursor, entry.shared);
      if (end == nullptr) return false;
      cursor.at = end;
    }
  }
  // Of an empty block one restart point is left, at its begin.
  return restart == parts.restarts || (parts.entries_end == 0 && parts.restarts == 1);
}

// What a frame of zstd's says itself of its content; false when it says something else than `bytes`.
bool ZstdFrameAgrees(Cursor cursor, uint64_t bytes) {
  static const uint32_t kDictionaryBytes[] = {0, 1, 2, 4};
  if (cursor.left() < 5 || Fixed32(cursor.at) != 0xfd2fb528u) return true;  // zstd tells
  const uint8_t descriptor = cursor.at[4];
  const bool one_segment = (descriptor & 0x20) != 0;
  cursor.Skip(5 + (one_segment ? 0 : 1) + kDictionaryBytes[descriptor & 3]);
  const uint32_t width = descriptor < 0x40 ? (one_segment ? 1 : 0) : 1u << (descriptor >> 6);
  if (width == 0 || !cursor.ok || cursor.left() < width) return true;
  uint64_t content = 0;
  memcpy(&content, cursor.at, width);
  return content + (width == 2 ? 256 : 0) == bytes;
}

}  // namespace

// A block of internal keys.
bool rdb_block_is_sound(const char* data, size_t size, size_t min_key_bytes) {
  return EntriesAreSound(Parts(data, size), true, min_key_bytes,
                         [](const Cursor& cursor, uint64_t) { return cursor.end; });
}

// A block whose values are handles of blocks; full ones, or differences to the handle before.
bool rdb_index_block_is_sound(const char* data, size_t size, bool full_values, bool first_keys) {
  uint64_t bytes = 0;
  return EntriesAreSound(
      Parts(data, size), full_values, 0, [&](Cursor cursor, uint64_t shared) -> const uint8_t* {
        if (full_values || shared == 0) {
          cursor.Varint(10);
          bytes = cursor.Varint(10);
        } else {
          const uint64_t coded = cursor.Varint(10);
          bytes += (coded >> 1) ^ (~(coded & 1) + 1);
        }
        if (first_keys && cursor.ok) cursor.Skip(cursor.Varint32());
        return cursor.ok && bytes <= kMaxBlockBytes ? cursor.at : nullptr;
      });
}

// Of a plain table: its buckets, then lists of offsets, each behind its length. A bucket leads into the file, to nothing,
// or (the highest bit) to a list.
bool rdb_plain_index_is_sound(const char* data, size_t size, uint32_t buckets) {
  constexpr uint32_t kList = 0x80000000u;
  const auto* begin = reinterpret_cast<const uint8_t*>(data);
  const auto* end = begin + size;
  if (buckets == 0 || buckets > size / sizeof(uint32_t)) return false;
  const uint8_t* lists = begin + buckets * sizeof(uint32_t);
  for (const uint8_t* at = begin; at < lists; at += sizeof(uint32_t)) {
    const uint32_t bucket = Fixed32(at);
    if ((bucket & kList) == 0) continue;
    if ((bucket ^ kList) >= static_cast<size_t>(end - lists)) return false;
    Cursor list{lists + (bucket ^ kList), end};
    const uint64_t offsets = list.Varint(4);
    if (!list.ok || offsets == 0 || offsets > list.left() / sizeof(uint32_t)) return false;
  }
  return true;
}

// Whether so many compressed bytes can become as many as they say they do. `format`: RocksDB's compress_format_version.
bool rdb_size_is_plausible(CompressionType type, const char* data, size_t size, uint32_t format) {
  uint64_t most;
  switch (type) {
    case kLZ4Compression:
    case kLZ4HCCompression:
      most = 255;
      break;
    case kZlibCompression:
      most = 1040;
      break;
    case kZSTD:
    case kZSTDNotFinalCompression:
      most = kZstdRatio;
      break;
    case kSnappyCompression:
      most = 64;
      break;
    default:
      return true;  // not compiled in, which is told elsewhere
  }
  Cursor cursor{reinterpret_cast<const uint8_t*>(data),
                reinterpret_cast<const uint8_t*>(data) + size};
  uint64_t bytes;
  if (type == kSnappyCompression || format == 2) {
    bytes = cursor.Varint32();
  } else {
    // LZ4 had eight bytes for it, of which four were written; zlib said nothing, and grows as it goes.
    if (type != kLZ4Compression && type != kLZ4HCCompression) return true;
    if (size < 8) return false;
    bytes = Fixed32(cursor.at);
    cursor.Skip(8);
  }
  if (!cursor.ok || bytes > most * size + 1024) return false;
  return most != kZstdRatio || ZstdFrameAgrees(cursor, bytes);
}

}  // namespace ROCKSDB_NAMESPACE
