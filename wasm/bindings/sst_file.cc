// SST files of their own: written for ingestion, read without a database.
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table_properties.h"

#include "db/dbformat.h"
#include "wasm/bindings/contract/files.h"
#include "wasm/bindings/options.h"
#include "wasm/bindings/records.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

// RocksDB keeps references to the options.
struct rdb_sst_file_writer : OwnedObject {
  using OwnedObject::OwnedObject;
  Options options;
  const Comparator* comparator = nullptr;
  std::unique_ptr<SstFileWriter> writer;
};

struct rdb_sst_file_reader : OwnedObject {
  using OwnedObject::OwnedObject;
  Options options;
  std::unique_ptr<SstFileReader> reader;
};

// Its bytes are its reader's.
struct rdb_sst_iterator : OwnedObject {
  using OwnedObject::OwnedObject;
  std::unique_ptr<Iterator> iterator;
  bool raw = false;
  std::string lower, upper;
  Slice lower_slice, upper_slice;
  std::string buffer;
};

namespace {

Status ToOptions(const rdb_sst_options& given, Options* out) {
  if (given.db != 0) {
    auto* db = reinterpret_cast<rdb_db*>(given.db);
    *out = db->db->GetOptions(HandleOf(db, reinterpret_cast<rdb_column_family*>(given.cf)));
    return Status::OK();
  }
  DBOptions db_options;
  Status status = ParseDBOptions(ToString(ToAddress(given.options), given.options_length), &db_options);
  if (!status.ok()) return status;
  ColumnFamilyOptions family;
  const auto* descriptor = reinterpret_cast<const rdb_column_family_descriptor*>(given.family);
  status = ParseColumnFamilyOptions(*descriptor, ColumnFamilyOptions(), &family);
  if (status.ok()) *out = Options(db_options, family);
  return status;
}

ColumnFamilyHandle* FamilyOf(const rdb_sst_options& given) {
  if (given.db == 0) return nullptr;
  return HandleOf(reinterpret_cast<rdb_db*>(given.db),
                  reinterpret_cast<rdb_column_family*>(given.cf));
}

void PackProperties(const TableProperties& p, RecordWriter* out) {
  for (const uint64_t number :
       {p.orig_file_number, p.data_size, p.index_size, p.index_partitions, p.top_level_index_size,
        p.index_key_is_user_key, p.index_value_is_delta_encoded, p.filter_size, p.raw_key_size,
        p.raw_value_size, p.num_data_blocks, p.num_entries, p.num_filter_entries, p.num_deletions,
        p.num_merge_operands, p.num_range_deletions, p.format_version, p.fixed_key_len,
        p.column_family_id, p.creation_time, p.oldest_key_time, p.file_creation_time,
        p.slow_compression_estimated_data_size, p.fast_compression_estimated_data_size,
        p.tail_start_offset, p.user_defined_timestamps_persisted}) {
    out->Long(number);
  }
  for (const std::string* text :
       {&p.db_id, &p.db_session_id, &p.db_host_id, &p.column_family_name, &p.filter_policy_name,
        &p.comparator_name, &p.merge_operator_name, &p.prefix_extractor_name,
        &p.property_collectors_names, &p.compression_name, &p.compression_options}) {
    out->Bytes(*text);
  }
  out->Word(static_cast<uint32_t>(p.user_collected_properties.size()));
  for (const auto& [name, value] : p.user_collected_properties) {
    out->Bytes(name);
    out->Bytes(value);
  }
}

Status Add(rdb_sst_file_writer* writer, uint32_t operation, const Slice& key, const Slice& value,
           const Slice* timestamp) {
  SstFileWriter& file = *writer->writer;
  switch (operation) {
    case kSstPut:
      return timestamp == nullptr ? file.Put(key, value) : file.Put(key, *timestamp, value);
    case kSstMerge:
      return file.Merge(key, value);
    case kSstDelete:
      return timestamp == nullptr ? file.Delete(key) : file.Delete(key, *timestamp);
    case kSstDeleteRange:
      return timestamp == nullptr ? file.DeleteRange(key, value)
                                  : file.DeleteRange(key, value, *timestamp);
    case kSstPutEntity: {
      RecordReader in(reinterpret_cast<const uint8_t*>(value.data()));
      WideColumns columns;
      for (uint32_t left = in.Word(); left > 0; --left) {
        const Slice name = in.Bytes();
        columns.emplace_back(name, in.Bytes());
      }
      return file.PutEntity(key, columns);
    }
  }
  return Status::InvalidArgument("no such operation on an SST file");
}

void Append(std::string* buffer, const Slice& key, const Slice& value, const Slice& more) {
  const uint32_t lengths[2] = {static_cast<uint32_t>(key.size()),
                               static_cast<uint32_t>(value.size() + more.size())};
  buffer->append(reinterpret_cast<const char*>(lengths), sizeof(lengths));
  buffer->append(key.data(), key.size());
  buffer->append(value.data(), value.size());
  buffer->append(more.data(), more.size());
  buffer->resize(Padded(buffer->size()));
}

// RocksDB's table iterator gives user key, sequence number and type as one.
void AppendRaw(std::string* buffer, const Slice& internal_key, const Slice& value) {
  const size_t user = internal_key.size() - kNumInternalBytes;
  Append(buffer, Slice(internal_key.data(), user), value,
         Slice(internal_key.data() + user, kNumInternalBytes));
}

void Move(rdb_sst_iterator* it, uint32_t move, bool reverse, const Slice& key) {
  Iterator* iterator = it->iterator.get();
  // The versions of a key are in the file from the newest to the oldest.
  std::string internal;
  if (it->raw && move == kMoveSeek) {
    AppendInternalKey(&internal, ParsedInternalKey(key, kMaxSequenceNumber, kValueTypeForSeek));
  } else if (it->raw && move == kMoveSeekForPrev) {
    AppendInternalKey(&internal, ParsedInternalKey(key, 0, kValueTypeForSeekForPrev));
  }
  const Slice target = it->raw ? Slice(internal) : key;
  switch (move) {
    case kMoveOn:
      if (iterator->Valid()) reverse ? iterator->Prev() : iterator->Next();
      return;
    case kMoveFirst:
      return iterator->SeekToFirst();
    case kMoveLast:
      return iterator->SeekToLast();
    case kMoveSeek:
      return iterator->Seek(target);
    case kMoveSeekForPrev:
      return iterator->SeekForPrev(target);
  }
}

}  // namespace

rdb_status rdb_sst_file_writer_create(rdb_sst_options* options, rdb_sst_file_writer** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_sst_file_writer, OwnedDeleter<rdb_sst_file_writer>> holder(
        NewOwned<rdb_sst_file_writer>(Owner::kSstFileWriter));
    OwnerScope owner(holder->slot());
    Status status = ToOptions(*options, &holder->options);
    if (!status.ok()) return status;
    holder->comparator = holder->options.comparator;
    holder->writer = std::make_unique<SstFileWriter>(EnvOptions(holder->options), holder->options,
                                                     FamilyOf(*options));
    *out = holder.release();
    return Status::OK();
  });
}

void rdb_sst_file_writer_free(rdb_sst_file_writer* writer) { DeleteOwned(writer); }

rdb_status rdb_sst_file_writer_open(rdb_sst_file_writer* writer, const uint8_t* path,
                                    uint32_t path_length) {
  OwnerScope owner(writer->slot());
  return Guarded([&]() -> Status { return writer->writer->Open(ToString(path, path_length)); });
}

rdb_status rdb_sst_file_writer_add(rdb_sst_file_writer* writer, uint32_t operation,
                                   const uint8_t* key, uint32_t key_length, const uint8_t* value,
                                   uint32_t value_length, const uint8_t* timestamp,
                                   uint32_t timestamp_length) {
  OwnerScope owner(writer->slot());
  return Guarded([&]() -> Status {
    const Slice time = ToSlice(timestamp, timestamp_length);
    return Add(writer, operation, ToSlice(key, key_length), ToSlice(value, value_length),
               timestamp == nullptr ? nullptr : &time);
  });
}

rdb_status rdb_sst_file_writer_finish(rdb_sst_file_writer* writer, rdb_slice* out) {
  OwnerScope owner(writer->slot());
  return Guarded([&]() -> Status {
    ExternalSstFileInfo info;
    Status status = writer->writer->Finish(&info);
    if (!status.ok()) return status;
    RecordWriter record;
    record.Bytes(info.file_path);
    record.Bytes(info.smallest_key);
    record.Bytes(info.largest_key);
    record.Bytes(info.smallest_range_del_key);
    record.Bytes(info.largest_range_del_key);
    record.Bytes(info.file_checksum);
    record.Bytes(info.file_checksum_func_name);
    record.Long(info.sequence_number);
    record.Long(info.file_size);
    record.Long(info.num_entries);
    record.Long(info.num_range_del_entries);
    record.Word(static_cast<uint32_t>(info.version));
    return record.Give(out);
  });
}

double rdb_sst_file_writer_file_size(rdb_sst_file_writer* writer) {
  return static_cast<double>(writer->writer->FileSize());
}

rdb_status rdb_sst_file_reader_open(rdb_sst_options* options, const uint8_t* path,
                                    uint32_t path_length, rdb_sst_file_reader** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_sst_file_reader, OwnedDeleter<rdb_sst_file_reader>> holder(
        NewOwned<rdb_sst_file_reader>(Owner::kSstFileReader));
    OwnerScope owner(holder->slot());
    Status status = ToOptions(*options, &holder->options);
    if (!status.ok()) return status;
    holder->reader = std::make_unique<SstFileReader>(holder->options);
    status = holder->reader->Open(ToString(path, path_length));
    if (status.ok()) *out = holder.release();
    return status;
  });
}

void rdb_sst_file_reader_free(rdb_sst_file_reader* reader) { DeleteOwned(reader); }

rdb_status rdb_sst_file_reader_properties(rdb_sst_file_reader* reader, rdb_slice* out) {
  OwnerScope owner(reader->slot());
  return Guarded([&]() -> Status {
    const auto properties = reader->reader->GetTableProperties();
    if (properties == nullptr) return Status::Corruption("the table's properties cannot be read");
    RecordWriter record;
    PackProperties(*properties, &record);
    return record.Give(out);
  });
}

rdb_status rdb_sst_file_reader_verify(rdb_sst_file_reader* reader, uint32_t entries) {
  OwnerScope owner(reader->slot());
  return Guarded([&]() -> Status {
    return entries != 0 ? reader->reader->VerifyNumEntries(ReadOptions())
                        : reader->reader->VerifyChecksum(ReadOptions());
  });
}

rdb_status rdb_sst_iterator_create(rdb_sst_file_reader* reader, rdb_sst_iterator_options* options,
                                   rdb_sst_iterator** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_sst_iterator, OwnedDeleter<rdb_sst_iterator>> it(
        NewOwned<rdb_sst_iterator>(Owner::kIterator));
    OwnerScope owner(it->slot());
    it->raw = (options->flags & kSstRaw) != 0;
    ReadOptions read;
    read.verify_checksums = (options->flags & kSstNoChecksums) == 0;
    read.total_order_seek = true;
    if (options->lower != 0) {
      it->lower = ToString(ToAddress(options->lower), options->lower_length);
      it->lower_slice = it->lower;
      read.iterate_lower_bound = &it->lower_slice;
    }
    if (options->upper != 0) {
      it->upper = ToString(ToAddress(options->upper), options->upper_length);
      it->upper_slice = it->upper;
      read.iterate_upper_bound = &it->upper_slice;
    }
    if (it->raw) {
      it->iterator = reader->reader->NewTableIterator();
    } else {
      // Null when they cannot be read, which RocksDB only logs.
      const auto properties = reader->reader->GetTableProperties();
      const uint64_t operands = properties == nullptr ? 0 : properties->num_merge_operands;
      if (operands > 0 && reader->options.merge_operator == nullptr) {
        return Status::InvalidArgument("the table has merge operands",
                                       "give the reader the option mergeOperator");
      }
      it->iterator.reset(reader->reader->NewIterator(read));
    }
    if (it->iterator == nullptr) return Status::NotSupported("the table cannot be iterated");
    Status status = it->iterator->status();
    if (status.ok()) *out = it.release();
    return status;
  });
}

void rdb_sst_iterator_free(rdb_sst_iterator* iterator) { DeleteOwned(iterator); }

rdb_status rdb_sst_iterator_read(rdb_sst_iterator* it, uint32_t move, uint32_t reverse,
                                 const uint8_t* key, uint32_t key_length, uint32_t max_bytes,
                                 rdb_entries* out) {
  OwnerScope owner(it->slot());
  return Guarded([&]() -> Status {
    Iterator* iterator = it->iterator.get();
    it->buffer.clear();
    uint32_t count = 0;
    Move(it, move, reverse != 0, ToSlice(key, key_length));
    while (iterator->Valid()) {
      if (it->raw) {
        AppendRaw(&it->buffer, iterator->key(), iterator->value());
      } else {
        Append(&it->buffer, iterator->key(), iterator->value(), Slice());
      }
      ++count;
      if (it->buffer.size() >= max_bytes) break;
      Move(it, kMoveOn, reverse != 0, Slice());
    }
    const bool inside = iterator->Valid();
    const Status status = inside ? Status::OK() : iterator->status();
    // Entries before an error are delivered; the next read meets the error again.
    if (!status.ok() && count == 0) return status;
    *out = {ToWord(it->buffer.data()), static_cast<uint32_t>(it->buffer.size()), count,
            inside || !status.ok() ? 0u : 1u};
    return Status::OK();
  });
}
