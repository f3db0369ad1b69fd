// Reads that say more than a get, or ask for more than a value.
#include "wasm/bindings/reads.h"

#include <cmath>
#include <limits>
#include <vector>

#include "db/wide/wide_column_serialization.h"
#include "rocksdb/comparator.h"
#include "rocksdb/utilities/debug.h"
#include "wasm/bindings/callbacks/host_objects.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

void SetMore(const rdb_read_options& more, ReadOptions* options) {
  options->deadline = std::chrono::microseconds(static_cast<int64_t>(more.deadline_micros));
  options->io_timeout = std::chrono::microseconds(static_cast<int64_t>(more.io_timeout_micros));
  if (std::isfinite(more.value_size_soft_limit)) {
    options->value_size_soft_limit = static_cast<uint64_t>(more.value_size_soft_limit);
  }
  options->rate_limiter_priority = static_cast<Env::IOPriority>(more.rate_limiter_priority);
  if (more.merge_operand_count_threshold != 0xffffffffu) {
    options->merge_operand_count_threshold = more.merge_operand_count_threshold;
  }
}

CallReadOptions::CallReadOptions(uint32_t flags, rdb_snapshot* snapshot,
                                 const rdb_read_options* more)
    : options(ToReadOptions(flags, snapshot)) {
  if (more == nullptr) return;
  SetMore(*more, &options);
  if (more->timestamp == 0) return;
  timestamp = ToSlice(ToAddress(more->timestamp), more->timestamp_length);
  options.timestamp = &timestamp;
}

}  // namespace rocksdb_wasm

namespace {

constexpr uint32_t kMissing = 0xffffffffu;

// Keys in the form of rdb_db_multi_get.
std::vector<Slice> UnpackKeys(const uint8_t* keys, uint32_t count) {
  std::vector<Slice> slices;
  slices.reserve(count);
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t length;
    memcpy(&length, keys, sizeof(length));
    slices.push_back(ToSlice(keys + sizeof(length), length));
    keys += sizeof(length) + Padded(length);
  }
  return slices;
}

std::vector<ColumnFamilyHandle*> HandlesOf(rdb_db* db, rdb_column_family** families,
                                           uint32_t count) {
  std::vector<ColumnFamilyHandle*> handles;
  handles.reserve(count);
  for (uint32_t i = 0; i < count; ++i) handles.push_back(HandleOf(db, families[i]));
  return handles;
}

void AppendWord(std::string* out, uint32_t word) {
  out->append(reinterpret_cast<const char*>(&word), sizeof(word));
}

// A length and the bytes, padded: what TypeScript reads values from.
void AppendPacked(std::string* out, const Slice& bytes) {
  AppendWord(out, static_cast<uint32_t>(bytes.size()));
  out->append(bytes.data(), bytes.size());
  out->resize(Padded(out->size()));
}

// The first failure other than a missing key.
Status FailureOf(const std::vector<Status>& statuses) {
  for (const Status& status : statuses) {
    if (!status.ok() && !status.IsNotFound()) return status;
  }
  return Status::OK();
}

void Unpin(rdb_db* db) {
  db->pinned.Reset();
  if (db->pinned.GetSelf()->capacity() > kTransferBytes) db->pinned = PinnableSlice();
}

// `timestamp` may be null. Asking for one where there are none would be an error.
Status GetInto(rdb_db* db, const ReadOptions& options, ColumnFamilyHandle* handle,
               const Slice& key, PinnableSlice* value, uint8_t* timestamp) {
  if (timestamp == nullptr) return db->db->Get(options, handle, key, value);
  std::string found;
  const Status status = db->db->Get(options, handle, key, value, &found);
  if (status.ok()) memcpy(timestamp, found.data(), found.size());
  return status;
}

}  // namespace

rdb_status rdb_db_get_with(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                           rdb_snapshot* snapshot, rdb_read_options* more, const uint8_t* key,
                           uint32_t key_length, rdb_value* out, uint8_t* timestamp) {
  OwnerScope owner(ReaderOf(db));
  return Guarded([&]() -> Status {
    const CallReadOptions read(flags, snapshot, more);
    CallFlags call(db, flags);
    const Status status = GetInto(db, read.options, HandleOf(db, cf), ToSlice(key, key_length),
                                  &db->pinned, timestamp);
    if (!status.ok()) {
      Unpin(db);
      if (!status.IsNotFound()) return status;
      out->found = 0;
      return Status::OK();
    }
    out->found = status.IsOkMergeOperandThresholdExceeded() ? 2 : 1;
    out->data = ToWord(db->pinned.data());
    out->length = static_cast<uint32_t>(db->pinned.size());
    out->pinned = 1;
    return Status::OK();
  });
}

rdb_status rdb_db_multi_get_with(rdb_db* db, rdb_column_family** families, uint32_t flags,
                                 rdb_snapshot* snapshot, rdb_read_options* more,
                                 const uint8_t* keys, uint32_t count, uint32_t timestamps,
                                 rdb_slice* out) {
  OwnerScope owner(ReaderOf(db));
  return Guarded([&]() -> Status {
    const CallbackWatch callbacks;
    const CallReadOptions read(flags, snapshot, more);
    CallFlags call(db, flags);
    const std::vector<Slice> slices = UnpackKeys(keys, count);
    std::vector<ColumnFamilyHandle*> handles = HandlesOf(db, families, count);
    std::vector<PinnableSlice> values(count);
    std::vector<std::string> times(timestamps != 0 ? count : 0);
    std::vector<Status> statuses(count);
    db->db->MultiGet(read.options, count, handles.data(), slices.data(), values.data(),
                     timestamps != 0 ? times.data() : nullptr, statuses.data());
    const Status failure = FailureOf(statuses);
    if (!failure.ok()) return failure;
    std::string packed;
    for (uint32_t i = 0; i < count; ++i) {
      if (!statuses[i].ok()) {
        AppendWord(&packed, kMissing);
        continue;
      }
      AppendPacked(&packed, values[i]);
      AppendWord(&packed, statuses[i].IsOkMergeOperandThresholdExceeded() ? 1 : 0);
      if (timestamps != 0) AppendPacked(&packed, times[i]);
    }
    return callbacks.Threw() ? CallbackThrew() : GiveBytes(packed, out);
  });
}

rdb_status rdb_pinned_slice_create_with(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                        rdb_snapshot* snapshot, rdb_read_options* more,
                                        const uint8_t* key, uint32_t key_length,
                                        rdb_pinned_slice** handle, rdb_slice* out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_pinned_slice, OwnedDeleter<rdb_pinned_slice>> holder(
        NewOwned<rdb_pinned_slice>(Owner::kPinnedSlice));
    OwnerScope owner(holder->slot());
    const CallReadOptions read(flags, snapshot, more);
    CallFlags call(db, flags);
    const Status status =
        db->db->Get(read.options, HandleOf(db, cf), ToSlice(key, key_length), &holder->value);
    if (status.IsNotFound()) {
      *handle = nullptr;
      return Status::OK();
    }
    if (!status.ok()) return status;
    *out = {ToWord(holder->value.data()), static_cast<uint32_t>(holder->value.size())};
    *handle = holder.release();
    return Status::OK();
  });
}

rdb_status rdb_db_multi_get_entity(rdb_db* db, rdb_column_family** families, uint32_t flags,
                                   rdb_snapshot* snapshot, rdb_read_options* more,
                                   const uint8_t* keys, uint32_t count, rdb_slice* out) {
  OwnerScope owner(ReaderOf(db));
  return Guarded([&]() -> Status {
    const CallbackWatch callbacks;
    const CallReadOptions read(flags, snapshot, more);
    CallFlags call(db, flags);
    const std::vector<Slice> slices = UnpackKeys(keys, count);
    std::vector<ColumnFamilyHandle*> handles = HandlesOf(db, families, count);
    std::vector<PinnableWideColumns> entities(count);
    std::vector<Status> statuses(count);
    db->db->MultiGetEntity(read.options, count, handles.data(), slices.data(), entities.data(),
                           statuses.data());
    const Status failure = FailureOf(statuses);
    if (!failure.ok()) return failure;
    std::string packed, entity;
    for (uint32_t i = 0; i < count; ++i) {
      if (!statuses[i].ok()) {
        AppendWord(&packed, kMissing);
        continue;
      }
      entity.clear();
      const Status status = WideColumnSerialization::Serialize(entities[i].columns(), entity);
      if (!status.ok()) return status;
      AppendPacked(&packed, entity);
    }
    return callbacks.Threw() ? CallbackThrew() : GiveBytes(packed, out);
  });
}

rdb_status rdb_db_key_may_exist(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                rdb_snapshot* snapshot, rdb_read_options* more, const uint8_t* key,
                                uint32_t key_length, uint32_t value, rdb_may_exist* out) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    const CallbackWatch callbacks;
    const CallReadOptions read(flags, snapshot, more);
    std::string found;
    bool value_found = false;
    const bool may_exist =
        db->db->KeyMayExist(read.options, HandleOf(db, cf), ToSlice(key, key_length), &found,
                            value != 0 ? &value_found : nullptr);
    *out = {may_exist, may_exist && value_found, 0, 0};
    if (out->value_found == 0) return Status::OK();
    rdb_slice block;
    const Status status = callbacks.Threw() ? CallbackThrew() : GiveBytes(found, &block);
    if (status.ok()) {
      out->value = block.data;
      out->value_length = block.length;
    }
    return status;
  });
}

rdb_status rdb_db_get_merge_operands(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                     rdb_snapshot* snapshot, rdb_read_options* more,
                                     const uint8_t* key, uint32_t key_length, uint32_t limit,
                                     rdb_slice* out, uint32_t* count) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    const CallbackWatch callbacks;
    const CallReadOptions read(flags, snapshot, more);
    GetMergeOperandsOptions options;
    options.expected_max_number_of_operands = limit != 0 ? static_cast<int>(limit) : 16;
    std::vector<PinnableSlice> operands;
    int number = 0;
    Status status;
    do {
      // Without a limit: as many as it said there are. Nothing is written between the two.
      if (number > 0) options.expected_max_number_of_operands = number;
      operands = std::vector<PinnableSlice>(options.expected_max_number_of_operands);
      status = db->db->GetMergeOperands(read.options, HandleOf(db, cf), ToSlice(key, key_length),
                                        operands.data(), &options, &number);
    } while (limit == 0 && status.IsIncomplete() &&
             number > options.expected_max_number_of_operands);
    if (status.IsNotFound()) {
      number = 0;
    } else if (!status.ok()) {
      return status;
    }
    std::string packed;
    for (int i = 0; i < number; ++i) AppendPacked(&packed, operands[i]);
    *count = static_cast<uint32_t>(number);
    return callbacks.Threw() ? CallbackThrew() : GiveBytes(packed, out);
  });
}

rdb_status rdb_db_approximate_sizes(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                    double error_margin, const uint8_t* ranges, uint32_t count,
                                    uint8_t* sizes) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    SizeApproximationOptions options;
    options.include_files = (flags & kSizeFiles) != 0;
    options.include_memtables = (flags & kSizeMemtables) != 0;
    options.files_size_error_margin = error_margin;
    const std::vector<Slice> keys = UnpackKeys(ranges, 2 * count);
    std::vector<Range> asked;
    asked.reserve(count);
    for (uint32_t i = 0; i < count; ++i) asked.emplace_back(keys[2 * i], keys[2 * i + 1]);
    std::vector<uint64_t> found(count);
    const Status status = db->db->GetApproximateSizes(options, HandleOf(db, cf), asked.data(),
                                                      static_cast<int>(count), found.data());
    if (!status.ok()) return status;
    for (uint32_t i = 0; i < count; ++i) {
      const double size = static_cast<double>(found[i]);
      memcpy(sizes + i * sizeof(size), &size, sizeof(size));
    }
    return status;
  });
}

rdb_status rdb_db_approximate_memtable_stats(rdb_db* db, rdb_column_family* cf,
                                             const uint8_t* begin, uint32_t begin_length,
                                             const uint8_t* end, uint32_t end_length,
                                             rdb_memtable_stats* out) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    uint64_t count = 0, bytes = 0;
    const Range range(ToSlice(begin, begin_length), ToSlice(end, end_length));
    db->db->GetApproximateMemTableStats(HandleOf(db, cf), range, &count, &bytes);
    *out = {static_cast<double>(count), static_cast<double>(bytes)};
    return Status::OK();
  });
}

rdb_status rdb_db_get_key_versions(rdb_db* db, rdb_column_family* cf, const uint8_t* begin,
                                   uint32_t begin_length, const uint8_t* end, uint32_t end_length,
                                   uint32_t limit, rdb_slice* out, uint32_t* count) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    const CallbackWatch callbacks;
    std::vector<KeyVersion> versions;
    const Status status =
        GetAllKeyVersions(db->db, HandleOf(db, cf), ToSlice(begin, begin_length),
                          ToSlice(end, end_length), limit, &versions);
    if (!status.ok()) return status;
    std::string packed;
    for (const KeyVersion& version : versions) {
      const rdb_key_version head = {static_cast<double>(version.sequence),
                                    static_cast<uint32_t>(version.type),
                                    static_cast<uint32_t>(version.user_key.size()),
                                    static_cast<uint32_t>(version.value.size()), 0};
      packed.append(reinterpret_cast<const char*>(&head), sizeof(head));
      packed += version.user_key;
      packed += version.value;
      packed.resize((packed.size() + 7) & ~size_t{7});
    }
    *count = static_cast<uint32_t>(versions.size());
    return callbacks.Threw() ? CallbackThrew() : GiveBytes(packed, out);
  });
}

uint32_t rdb_column_family_timestamp_size(rdb_column_family* cf) {
  return static_cast<uint32_t>(cf->handle->GetComparator()->timestamp_size());
}

rdb_status rdb_db_increase_full_history_ts_low(rdb_db* db, rdb_column_family* cf,
                                               const uint8_t* timestamp, uint32_t length) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status {
    return db->db->IncreaseFullHistoryTsLow(HandleOf(db, cf), ToString(timestamp, length));
  });
}

rdb_status rdb_db_get_full_history_ts_low(rdb_db* db, rdb_column_family* cf, rdb_slice* out) {
  OwnerScope owner(Owner::kRead);
  return Guarded([&]() -> Status {
    std::string timestamp;
    const Status status = db->db->GetFullHistoryTsLow(HandleOf(db, cf), &timestamp);
    return status.ok() ? GiveBytes(timestamp, out) : status;
  });
}
