// RocksDB's BackupEngine. Its threads run in the scheduler whenever it waits for them (wasm/port).
#include "rocksdb/utilities/backup_engine.h"

#include <algorithm>
#include <stdexcept>

#include "file/filename.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/utilities/options_util.h"
#include "rocksdb/wide_columns.h"
#include "wasm/bindings/callbacks/named_comparators.h"
#include "wasm/bindings/contract/backup.h"
#include "wasm/bindings/host.h"
#include "wasm/bindings/host_objects.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/options.h"
#include "wasm/bindings/records.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

// Holds a copy to a rate by sleeping after each piece. RocksDB's own limiter waits on a condition variable,
// which a thread of the port cannot do in the middle of its work: it would begin anew.
class PacingLimiter : public RateLimiter {
 public:
  explicit PacingLimiter(uint64_t bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  using RateLimiter::Request;
  void Request(const int64_t bytes, const Env::IOPriority, Statistics*) override {
    const uint64_t now = SystemClock::Default()->NowMicros();
    // What was not used is not saved up.
    due_micros_ = std::max(due_micros_, now);
    if (due_micros_ > now) SleepMicros(due_micros_ - now);
    due_micros_ += static_cast<uint64_t>(bytes) * 1000000 / bytes_per_second_;
    total_bytes_ += bytes;
    ++total_requests_;
  }
  void SetBytesPerSecond(int64_t bytes_per_second) override {
    bytes_per_second_ = static_cast<uint64_t>(bytes_per_second);
  }
  int64_t GetBytesPerSecond() const override { return static_cast<int64_t>(bytes_per_second_); }
  // A tenth of a second's worth, as RocksDB's limiter has it.
  int64_t GetSingleBurstBytes() const override {
    return static_cast<int64_t>(std::clamp<uint64_t>(bytes_per_second_ / 10, 1, 1 << 20));
  }
  int64_t GetTotalBytesThrough(const Env::IOPriority) const override { return total_bytes_; }
  int64_t GetTotalRequests(const Env::IOPriority) const override { return total_requests_; }

 private:
  uint64_t bytes_per_second_;
  uint64_t due_micros_ = 0;
  int64_t total_bytes_ = 0;
  int64_t total_requests_ = 0;
};

std::shared_ptr<RateLimiter> LimiterOf(uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return nullptr;
  return std::make_shared<PacingLimiter>(bytes_per_second);
}

}  // namespace

struct rdb_backup_engine : OwnedObject {
  explicit rdb_backup_engine(Owner owner) : OwnedObject(owner), options("") {}
  BackupEngineOptions options;
  bool read_only = false;
  // The engines have a plain pointer, and flush it when they go: it goes after them.
  std::shared_ptr<Logger> logger;
  std::unique_ptr<BackupEngine> engine;
  std::unique_ptr<BackupEngineReadOnly> reader;
  // RocksDB's engine does nothing any more once a backup was stopped: it is opened anew before the next use.
  bool stopped = false;

  Status Open() {
    if (read_only) {
      BackupEngineReadOnly* made = nullptr;
      Status status = BackupEngineReadOnly::Open(options, Env::Default(), &made);
      reader.reset(made);
      return status;
    }
    BackupEngine* made = nullptr;
    Status status = BackupEngine::Open(options, Env::Default(), &made);
    engine.reset(made);
    // Only the first opening deletes what is there.
    options.destroy_old_data = false;
    return status;
  }
  Status Ready() {
    if (!stopped) return Status::OK();
    engine.reset();
    Status status = Open();
    stopped = !status.ok();
    return status;
  }
  BackupEngineReadOnlyBase* base() {
    return engine != nullptr ? static_cast<BackupEngineReadOnlyBase*>(engine.get()) : reader.get();
  }
};

namespace {

// Runs `work` once the engine can be used.
template <typename Work>
rdb_status With(rdb_backup_engine* engine, Work&& work) {
  OwnerScope owner(engine->slot());
  return Guarded([&]() -> Status {
    Status status = engine->Ready();
    return status.ok() ? work() : status;
  });
}

// RocksDB looks for the type in the whole path, with the session that a shared file's name has after its number,
// and finds none.
void ParseBackupFileName(const std::string& path, uint64_t* number, FileType* type) {
  std::string name = path.substr(path.rfind('/') + 1);
  const size_t session = name.find('_'), ending = name.rfind('.');
  if (session != std::string::npos && ending != std::string::npos && session < ending) {
    name.erase(session, ending - session);
  }
  *number = 0;
  *type = kTempFile;
  ParseFileName(name, number, type);
}

void PackInfo(const BackupInfo& info, bool details, RecordWriter* out) {
  out->Word(info.backup_id);
  out->Long(static_cast<uint64_t>(info.timestamp));
  out->Long(info.size);
  out->Word(info.number_files);
  out->Bytes(info.app_metadata);
  if (!details) return;
  out->Word(static_cast<uint32_t>(info.file_details.size()));
  for (const BackupFileInfo& file : info.file_details) {
    uint64_t number;
    FileType type;
    ParseBackupFileName(file.relative_filename, &number, &type);
    out->Bytes(file.relative_filename);
    out->Long(number);
    out->Word(static_cast<uint32_t>(type));
    out->Long(file.size);
  }
  out->Word(static_cast<uint32_t>(info.excluded_files.size()));
  for (const BackupExcludedFileInfo& file : info.excluded_files) out->Bytes(file.relative_file);
}

// A database that is open for reading as long as this lives.
class Reading {
 public:
  ~Reading() {
    for (ColumnFamilyHandle* handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
    delete db_;
  }
  Status Open(const DBOptions& options, const std::string& path,
              const std::vector<ColumnFamilyDescriptor>& families) {
    return DB::OpenForReadOnly(options, path, families, &handles_, &db_);
  }
  DB* db() const { return db_; }
  const std::vector<ColumnFamilyHandle*>& handles() const { return handles_; }

 private:
  DB* db_ = nullptr;
  std::vector<ColumnFamilyHandle*> handles_;
};

std::unique_ptr<Iterator> AllOf(const Reading& from, ColumnFamilyHandle* handle,
                                const std::string& timestamp, const Slice* timestamp_slice) {
  ReadOptions options;
  options.total_order_seek = true;
  options.fill_cache = false;
  if (!timestamp.empty()) options.timestamp = timestamp_slice;
  std::unique_ptr<Iterator> all(from.db()->NewIterator(options, handle));
  all->SeekToFirst();
  return all;
}

// Whether a column family has the same entries in both.
Status SameEntries(const Reading& first, ColumnFamilyHandle* family, const Reading& second,
                   ColumnFamilyHandle* other, bool* same, uint32_t* count) {
  const std::string newest(family->GetComparator()->timestamp_size(), '\xff');
  const Slice newest_slice(newest);
  const auto a = AllOf(first, family, newest, &newest_slice);
  const auto b = AllOf(second, other, newest, &newest_slice);
  for (; a->Valid() && b->Valid(); a->Next(), b->Next()) {
    ++*count;
    // A plain value is an entity of one column here.
    if (a->key() != b->key() || a->columns() != b->columns()) {
      *same = false;
      return Status::OK();
    }
  }
  *same = !a->Valid() && !b->Valid();
  return a->status().ok() ? b->status() : a->status();
}

Status CompareAll(const Reading& database, const Reading& backup, rdb_backup_comparison* out) {
  for (ColumnFamilyHandle* family : database.handles()) {
    ColumnFamilyHandle* other = nullptr;
    for (ColumnFamilyHandle* each : backup.handles()) {
      if (each->GetName() == family->GetName()) other = each;
    }
    bool same = false;
    Status status = SameEntries(database, family, backup, other, &same, &out->entries);
    if (!status.ok()) return status;
    if (!same) {
      out->difference = kBackupOtherContents;
      return status;
    }
  }
  return Status::OK();
}

}  // namespace

rdb_status rdb_backup_engine_open(const uint8_t* packed, uint32_t read_only, uint32_t logger,
                                  rdb_backup_engine** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_backup_engine, OwnedDeleter<rdb_backup_engine>> holder(
        NewOwned<rdb_backup_engine>(Owner::kBackupEngine));
    OwnerScope owner(holder->slot());
    holder->read_only = read_only != 0;
    RecordReader in(packed);
    BackupEngineOptions& options = holder->options;
    options.backup_dir = in.Text();
    options.share_table_files = in.Flag();
    options.share_files_with_checksum = in.Flag();
    options.sync = in.Flag();
    options.destroy_old_data = in.Flag();
    options.backup_log_files = in.Flag();
    options.backup_rate_limiter = LimiterOf(in.Long());
    options.restore_rate_limiter = LimiterOf(in.Long());
    options.max_background_operations = static_cast<int>(in.Word());
    options.callback_trigger_interval_size = in.Long();
    options.max_valid_backups_to_open = static_cast<int>(in.Word());
    options.share_files_with_checksum_naming =
        static_cast<BackupEngineOptions::ShareFilesNaming>(in.Word());
    options.schema_version = static_cast<int>(in.Word());
    options.current_temperatures_override_manifest = in.Flag();
    if (logger != 0) {
      holder->logger = MakeHostLogger(logger, InfoLogLevel::INFO_LEVEL);
      options.info_log = holder->logger.get();
    }
    Status status = holder->Open();
    if (status.ok()) *out = holder.release();
    return status;
  });
}

void rdb_backup_engine_free(rdb_backup_engine* engine) { DeleteOwned(engine); }

rdb_status rdb_backup_engine_create(rdb_backup_engine* engine, rdb_db* db,
                                    rdb_backup_request* request, rdb_backup_id* out) {
  return With(engine, [&]() -> Status {
    std::unique_ptr<HostObject> host;
    if (request->callback != 0) host = std::make_unique<HostObject>(request->callback);
    CreateBackupOptions options;
    options.flush_before_backup = request->flush != 0;
    if (request->progress != 0) {
      options.progress_callback = [&]() {
        rdb_backup_progress progress = {0};
        // RocksDB ends the backup at an exception.
        if (!host->Call(kBackupProgress, &progress)) throw std::runtime_error("it threw");
        if (progress.stop == 0) return;
        engine->stopped = true;
        engine->engine->StopBackup();
      };
    }
    if (request->exclude != 0) {
      options.exclude_files_callback = [&](MaybeExcludeBackupFile* file,
                                           MaybeExcludeBackupFile* end) {
        for (; file != end; ++file) {
          const std::string& name = file->info.relative_file;
          rdb_backup_exclude exclude = {ToWord(name.data()), static_cast<uint32_t>(name.size()), 0};
          if (!host->Call(kBackupExclude, &exclude)) throw std::runtime_error("it threw");
          file->exclude_decision = exclude.exclude != 0;
        }
      };
    }
    const std::string metadata = ToString(ToAddress(request->metadata), request->metadata_length);
    // It reads the tables' properties without knowing the database's options.
    const NamedComparators comparators(db->db);
    BackupID id = 0;
    Status status =
        engine->engine->CreateNewBackupWithMetadata(options, db->db, metadata, &id);
    if (status.ok()) out->id = id;
    return status;
  });
}

rdb_status rdb_backup_engine_purge(rdb_backup_engine* engine, uint32_t keep) {
  return With(engine, [&]() -> Status { return engine->engine->PurgeOldBackups(keep); });
}

rdb_status rdb_backup_engine_delete(rdb_backup_engine* engine, uint32_t id) {
  return With(engine, [&]() -> Status { return engine->engine->DeleteBackup(id); });
}

rdb_status rdb_backup_engine_collect_garbage(rdb_backup_engine* engine) {
  return With(engine, [&]() -> Status { return engine->engine->GarbageCollect(); });
}

rdb_status rdb_backup_engine_get_info(rdb_backup_engine* engine, uint32_t id, uint32_t details,
                                      rdb_slice* out) {
  return With(engine, [&]() -> Status {
    std::vector<BackupInfo> infos;
    if (id == 0) {
      engine->base()->GetBackupInfo(&infos, details != 0);
    } else {
      infos.resize(1);
      Status status = engine->base()->GetBackupInfo(id, &infos[0], details != 0);
      if (!status.ok()) return status;
    }
    RecordWriter record;
    record.Word(static_cast<uint32_t>(infos.size()));
    for (const BackupInfo& info : infos) PackInfo(info, details != 0, &record);
    return record.Give(out);
  });
}

rdb_status rdb_backup_engine_get_corrupted(rdb_backup_engine* engine, rdb_slice* out) {
  return With(engine, [&]() -> Status {
    std::vector<BackupID> ids;
    engine->base()->GetCorruptedBackups(&ids);
    RecordWriter record;
    record.Word(static_cast<uint32_t>(ids.size()));
    for (const BackupID id : ids) record.Word(id);
    return record.Give(out);
  });
}

rdb_status rdb_backup_engine_verify(rdb_backup_engine* engine, uint32_t id, uint32_t checksums) {
  return With(engine, [&]() -> Status { return engine->base()->VerifyBackup(id, checksums != 0); });
}

rdb_status rdb_backup_engine_restore(rdb_backup_engine* engine, uint32_t id, const uint8_t* path,
                                     uint32_t path_length, const uint8_t* wal_path,
                                     uint32_t wal_path_length, uint32_t keep_log_files,
                                     rdb_backup_engine** others, uint32_t other_count) {
  return With(engine, [&]() -> Status {
    RestoreOptions options(keep_log_files != 0);
    for (uint32_t i = other_count; i > 0; --i) {
      Status status = others[i - 1]->Ready();
      if (!status.ok()) return status;
      options.alternate_dirs.push_front(others[i - 1]->base());
    }
    const std::string folder = ToString(path, path_length);
    const std::string wal_folder = ToString(wal_path, wal_path_length);
    return id == 0 ? engine->base()->RestoreDBFromLatestBackup(options, folder, wal_folder)
                   : engine->base()->RestoreDBFromBackup(options, id, folder, wal_folder);
  });
}

rdb_status rdb_backup_engine_compare(rdb_backup_engine* engine, uint32_t id,
                                     rdb_open_request* request, uint32_t identity_only,
                                     rdb_backup_comparison* out) {
  return With(engine, [&]() -> Status {
    DBOptions options;
    Status status =
        ParseDBOptions(ToString(ToAddress(request->options), request->options_length), &options);
    if (!status.ok()) return status;
    const std::string path = ToString(ToAddress(request->path), request->path_length);
    std::vector<ColumnFamilyDescriptor> families;
    status = ToDescriptors(
        path, reinterpret_cast<const rdb_column_family_descriptor*>(request->families),
        request->family_count, /*expires=*/std::nullopt, &families);
    if (!status.ok()) return status;
    BackupInfo info;
    status = engine->base()->GetBackupInfo(id, &info, /*include_file_details=*/true);
    if (!status.ok()) return status;
    DBOptions backup_options = options;
    backup_options.env = info.env_for_open.get();
    backup_options.wal_dir.clear();
    backup_options.db_log_dir.clear();

    rdb_backup_comparison result = {kBackupSame, 0};
    std::vector<std::string> names;
    status = DB::ListColumnFamilies(backup_options, info.name_for_open, &names);
    if (!status.ok()) return status;
    for (const ColumnFamilyDescriptor& family : families) {
      if (std::find(names.begin(), names.end(), family.name) == names.end()) {
        result.difference = kBackupOtherFamilies;
      }
    }
    if (names.size() != families.size()) result.difference = kBackupOtherFamilies;
    // Another database may have other families, and what was asked first is whether it is the same.
    Reading database, backup;
    const std::vector<ColumnFamilyDescriptor> first(families.begin(), families.begin() + 1);
    const bool all = result.difference == kBackupSame && identity_only == 0;
    status = database.Open(options, path, all ? families : first);
    if (!status.ok()) return status;
    status = backup.Open(backup_options, info.name_for_open, all ? families : first);
    if (!status.ok()) return status;
    std::string identity, backup_identity;
    status = database.db()->GetDbIdentity(identity);
    if (!status.ok()) return status;
    status = backup.db()->GetDbIdentity(backup_identity);
    if (!status.ok()) return status;
    if (identity != backup_identity) {
      result.difference = kBackupOtherDatabase;
    } else if (all) {
      status = CompareAll(database, backup, &result);
    } else if (identity_only != 0) {
      result.difference = kBackupSame;
    }
    if (status.ok()) *out = result;
    return status;
  });
}
