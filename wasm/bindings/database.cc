// Identity, waiting, traces of queries, I/O and block cache, and migration of options.
#include "wasm/bindings/contract/database.h"

#include "rocksdb/block_cache_trace_writer.h"
#include "rocksdb/trace_reader_writer.h"
#include "rocksdb/trace_record.h"
#include "rocksdb/trace_record_result.h"
#include "rocksdb/utilities/option_change_migration.h"
#include "rocksdb/utilities/replayer.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/open.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

rdb_status rdb_db_identity(rdb_db* db, uint32_t session, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::string id;
    const Status status =
        session != 0 ? db->db->GetDbSessionId(id) : db->db->GetDbIdentity(id);
    return status.ok() ? GiveBytes(id, out) : status;
  });
}

rdb_status rdb_db_wait_for_compact(rdb_db* db, rdb_wait_options* options) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    WaitForCompactOptions wait;
    wait.abort_on_pause = true;
    wait.flush = options->flush != 0;
    wait.wait_for_purge = options->wait_for_purge != 0;
    wait.timeout = std::chrono::microseconds(static_cast<int64_t>(options->timeout_micros));
    return db->db->WaitForCompact(wait);
  });
}

rdb_status rdb_trace_start(rdb_db* db, uint32_t kind, rdb_trace_options* options,
                           const uint8_t* path, uint32_t path_length) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    TraceOptions trace;
    trace.max_trace_file_size = static_cast<uint64_t>(options->max_trace_file_size);
    trace.sampling_frequency = static_cast<uint64_t>(options->sampling_frequency);
    const uint32_t left_out = options->filter;
    if (left_out & kTraceFilterGets) trace.filter |= TraceFilterType::kTraceFilterGet;
    if (left_out & kTraceFilterWrites) trace.filter |= TraceFilterType::kTraceFilterWrite;
    if (left_out & kTraceFilterSeeks) trace.filter |= TraceFilterType::kTraceFilterIteratorSeek;
    if (left_out & kTraceFilterSeeksForPrev) {
      trace.filter |= TraceFilterType::kTraceFilterIteratorSeekForPrev;
    }
    if (left_out & kTraceFilterMultiGets) trace.filter |= TraceFilterType::kTraceFilterMultiGet;
    trace.preserve_write_order = options->preserve_write_order != 0;
    std::unique_ptr<TraceWriter> writer;
    Status status = NewFileTraceWriter(Env::Default(), EnvOptions(),
                                       ToString(path, path_length), &writer);
    if (!status.ok()) return status;
    if (kind == kTraceQueries) return db->db->StartTrace(trace, std::move(writer));
    if (kind == kTraceIo) return db->db->StartIOTrace(trace, std::move(writer));
    BlockCacheTraceWriterOptions cache_trace;
    cache_trace.max_trace_file_size = trace.max_trace_file_size;
    BlockCacheTraceOptions sampling;
    sampling.sampling_frequency = trace.sampling_frequency;
    return db->db->StartBlockCacheTrace(
        sampling, NewBlockCacheTraceWriter(Env::Default()->GetSystemClock().get(), cache_trace,
                                           std::move(writer)));
  });
}

rdb_status rdb_trace_end(rdb_db* db, uint32_t kind) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    if (kind == kTraceQueries) return db->db->EndTrace();
    if (kind == kTraceIo) return db->db->EndIOTrace();
    return db->db->EndBlockCacheTrace();
  });
}

rdb_status rdb_trace_replay(rdb_db* db, rdb_column_family** families, uint32_t count,
                            const uint8_t* path, uint32_t path_length, rdb_replayed* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::unique_ptr<TraceReader> reader;
    Status status = NewFileTraceReader(Env::Default(), EnvOptions(), ToString(path, path_length),
                                       &reader);
    if (!status.ok()) return status;
    std::vector<ColumnFamilyHandle*> handles;
    for (uint32_t i = 0; i < count; ++i) handles.push_back(families[i]->handle);
    std::unique_ptr<Replayer> replayer;
    status = db->db->NewDefaultReplayer(handles, std::move(reader), &replayer);
    if (!status.ok()) return status;
    status = replayer->Prepare();
    double operations = 0, failed = 0;
    while (status.ok()) {
      std::unique_ptr<TraceRecord> record;
      status = replayer->Next(&record);
      if (!status.ok()) break;
      std::unique_ptr<TraceRecordResult> result;
      const Status executed = replayer->Execute(record, &result);
      ++operations;
      if (!executed.ok()) ++failed;
    }
    if (!status.IsIncomplete()) return status;  // Incomplete: the end
    *out = {operations, failed};
    return Status::OK();
  });
}

rdb_status rdb_options_migrate(rdb_open_request* from, rdb_open_request* to) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    OpenArguments old_arguments, new_arguments;
    Status status = ToArguments(from, &old_arguments);
    if (status.ok()) status = ToArguments(to, &new_arguments);
    if (!status.ok()) return status;
    return OptionChangeMigration(
        old_arguments.path,
        Options(old_arguments.options, old_arguments.families.front().options),
        Options(new_arguments.options, new_arguments.families.front().options));
  });
}
