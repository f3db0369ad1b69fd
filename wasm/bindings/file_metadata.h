// What RocksDB knows of its files, packed. src/file-metadata.ts reads it.
#pragma once

#include "rocksdb/file_checksum.h"
#include "rocksdb/metadata.h"
#include "wasm/bindings/records.h"

namespace rocksdb_wasm {

void PackSstFile(const ROCKSDB_NAMESPACE::SstFileMetaData& file, RecordWriter* out);
void PackLiveFile(const ROCKSDB_NAMESPACE::LiveFileMetaData& file, RecordWriter* out);
ROCKSDB_NAMESPACE::LiveFileMetaData UnpackLiveFile(RecordReader* in);


}  // namespace rocksdb_wasm
