#include "wasm/bindings/file_metadata.h"

#include "wasm/bindings/contract/files.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

void PackBlob(const BlobMetaData& blob, RecordWriter* out) {
  out->Long(blob.blob_file_number);
  out->Bytes(blob.blob_file_name);
  out->Bytes(blob.blob_file_path);
  out->Long(blob.blob_file_size);
  out->Long(blob.total_blob_count);
  out->Long(blob.total_blob_bytes);
  out->Long(blob.garbage_blob_count);
  out->Long(blob.garbage_blob_bytes);
  out->Bytes(blob.checksum_method);
  out->Bytes(blob.checksum_value);
}

}  // namespace

void PackSstFile(const SstFileMetaData& file, RecordWriter* out) {
  out->Bytes(file.relative_filename);
  out->Bytes(file.directory);
  out->Long(file.file_number);
  out->Long(file.size);
  out->Word(static_cast<uint32_t>(file.temperature));
  out->Bytes(file.smallestkey);
  out->Bytes(file.largestkey);
  out->Long(file.smallest_seqno);
  out->Long(file.largest_seqno);
  out->Long(file.num_reads_sampled);
  out->Word(file.being_compacted ? 1 : 0);
  out->Long(file.num_entries);
  out->Long(file.num_deletions);
  out->Long(file.oldest_blob_file_number);
  out->Long(file.oldest_ancester_time);
  out->Long(file.file_creation_time);
  out->Long(file.epoch_number);
  out->Bytes(file.smallest);
  out->Bytes(file.largest);
  out->Bytes(file.file_checksum);
  out->Bytes(file.file_checksum_func_name);
}

void PackLiveFile(const LiveFileMetaData& file, RecordWriter* out) {
  PackSstFile(file, out);
  out->Bytes(file.column_family_name);
  out->Word(static_cast<uint32_t>(file.level));
}

LiveFileMetaData UnpackLiveFile(RecordReader* in) {
  LiveFileMetaData file;
  file.relative_filename = in->Text();
  file.name = "/" + file.relative_filename;
  file.directory = in->Text();
  file.db_path = file.directory;
  file.file_number = in->Long();
  file.size = in->Long();
  file.temperature = static_cast<Temperature>(in->Word());
  file.smallestkey = in->Text();
  file.largestkey = in->Text();
  file.smallest_seqno = in->Long();
  file.largest_seqno = in->Long();
  file.num_reads_sampled = in->Long();
  file.being_compacted = in->Flag();
  file.num_entries = in->Long();
  file.num_deletions = in->Long();
  file.oldest_blob_file_number = in->Long();
  file.oldest_ancester_time = in->Long();
  file.file_creation_time = in->Long();
  file.epoch_number = in->Long();
  file.smallest = in->Text();
  file.largest = in->Text();
  file.file_checksum = in->Text();
  file.file_checksum_func_name = in->Text();
  file.column_family_name = in->Text();
  file.level = static_cast<int>(in->Word());
  return file;
}

}  // namespace rocksdb_wasm

using namespace rocksdb_wasm;

rdb_status rdb_db_get_column_family_metadata(rdb_db* db, rdb_column_family* cf, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    ColumnFamilyMetaData family;
    db->db->GetColumnFamilyMetaData(HandleOf(db, cf), &family);
    RecordWriter record;
    record.Bytes(family.name);
    record.Long(family.size);
    record.Long(family.file_count);
    record.Word(static_cast<uint32_t>(family.levels.size()));
    for (const LevelMetaData& level : family.levels) {
      record.Word(static_cast<uint32_t>(level.level));
      record.Long(level.size);
      record.Word(static_cast<uint32_t>(level.files.size()));
      for (const SstFileMetaData& file : level.files) PackSstFile(file, &record);
    }
    record.Long(family.blob_file_size);
    record.Word(static_cast<uint32_t>(family.blob_files.size()));
    for (const BlobMetaData& blob : family.blob_files) PackBlob(blob, &record);
    return record.Give(out);
  });
}

rdb_status rdb_db_get_live_files_metadata(rdb_db* db, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::vector<LiveFileMetaData> files;
    db->db->GetLiveFilesMetaData(&files);
    RecordWriter record;
    record.Word(static_cast<uint32_t>(files.size()));
    for (const LiveFileMetaData& file : files) PackLiveFile(file, &record);
    return record.Give(out);
  });
}

rdb_status rdb_db_get_live_files(rdb_db* db, uint32_t flush, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::vector<std::string> names;
    uint64_t manifest_size = 0;
    Status status = db->db->GetLiveFiles(names, &manifest_size, flush != 0);
    if (!status.ok()) return status;
    RecordWriter record;
    record.Long(manifest_size);
    record.Word(static_cast<uint32_t>(names.size()));
    for (const std::string& name : names) record.Bytes(name);
    return record.Give(out);
  });
}

rdb_status rdb_db_get_live_files_storage_info(rdb_db* db, uint32_t checksums,
                                              double wal_bytes_for_flush, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    LiveFilesStorageInfoOptions options;
    options.include_checksum_info = checksums != 0;
    options.wal_size_for_flush = wal_bytes_for_flush < 0
                                     ? UINT64_MAX
                                     : static_cast<uint64_t>(wal_bytes_for_flush);
    std::vector<LiveFileStorageInfo> files;
    Status status = db->db->GetLiveFilesStorageInfo(options, &files);
    if (!status.ok()) return status;
    RecordWriter record;
    record.Word(static_cast<uint32_t>(files.size()));
    for (const LiveFileStorageInfo& file : files) {
      record.Bytes(file.relative_filename);
      record.Bytes(file.directory);
      record.Long(file.file_number);
      record.Word(static_cast<uint32_t>(file.file_type));
      record.Long(file.size);
      record.Word(static_cast<uint32_t>(file.temperature));
      record.Bytes(file.file_checksum);
      record.Bytes(file.file_checksum_func_name);
      record.Bytes(file.replacement_contents);
      record.Word(file.trim_to_size ? 1 : 0);
    }
    return record.Give(out);
  });
}

rdb_status rdb_db_get_live_files_checksum_info(rdb_db* db, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::unique_ptr<FileChecksumList> list(NewFileChecksumList());
    Status status = db->db->GetLiveFilesChecksumInfo(list.get());
    if (!status.ok()) return status;
    std::vector<uint64_t> numbers;
    std::vector<std::string> checksums, functions;
    status = list->GetAllFileChecksums(&numbers, &checksums, &functions);
    if (!status.ok()) return status;
    RecordWriter record;
    record.Word(static_cast<uint32_t>(numbers.size()));
    for (size_t i = 0; i < numbers.size(); ++i) {
      record.Long(numbers[i]);
      record.Bytes(checksums[i]);
      record.Bytes(functions[i]);
    }
    return record.Give(out);
  });
}
