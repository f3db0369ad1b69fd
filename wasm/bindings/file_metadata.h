// What RocksDB knows of its files, packed. src/file-metadata.ts reads it.
#pragma once

#include "rocksdb/file_checksum.h"
#include "rocksdb/metadata.h"
#include "wasm/bindings/packing.h"

namespace rocksdb_wasm {

void PackSstFile(const ROCKSDB_NAMESPACE::SstFileMetaData& file, Packer* out);
void PackLiveFile(const ROCKSDB_NAMESPACE::LiveFileMetaData& file, Packer* out);
ROCKSDB_NAMESPACE::LiveFileMetaData UnpackLiveFile(Unpacker* in);


}  // namespace rocksdb_wasm
