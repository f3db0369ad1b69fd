// Secondary instances, followers, databases whose entries expire; OPTIONS files.
#include "wasm/bindings/contract/opening.h"

#include "rocksdb/convenience.h"
#include "rocksdb/utilities/db_ttl.h"
#include "rocksdb/utilities/options_util.h"
#include "options/options_parser.h"
#include "wasm/bindings/attachments.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/options.h"
#include "wasm/port/scheduler.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

Status rocksdb_wasm::CheckExpiring(const ColumnFamilyOptions& options) {
  // RocksDB wraps it in an object that it never frees, and does not find that one's time to live again.
  if (options.compaction_filter == nullptr) return Status::OK();
  return Status::NotSupported("DBWithTTL: give a compactionFilterFactory, not a compactionFilter");
}

Status rocksdb_wasm::OpenSecondary(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  return DB::OpenAsSecondary(options, path, other_path, families, &handles, out);
}

Status rocksdb_wasm::OpenFollower(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  std::unique_ptr<DB> db;
  ThreadsWaitFirst scope;  // the one that catches up
  const Status status = DB::OpenAsFollower(options, path, other_path, families, &handles, &db);
  *out = db.release();
  return status;
}

Status rocksdb_wasm::OpenTtl(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  const auto* given = reinterpret_cast<const rdb_column_family_descriptor*>(request->families);
  std::vector<int32_t> seconds;
  for (uint32_t i = 0; i < request->family_count; ++i) {
    const Status status = CheckExpiring(families[i].options);
    if (!status.ok()) return status;
    seconds.push_back(given[i].ttl);
  }
  DBWithTTL* db = nullptr;
  const Status status =
      DBWithTTL::Open(options, path, families, &handles, &db, seconds, request->read_only != 0);
  *out = db;
  return status;
}

Status rocksdb_wasm::OpenTrimHistory(OpenArguments* arguments, DB** out) {
  auto& [request, path, other_path, options, families, handles] = *arguments;
  return DB::OpenAndTrimHistory(options, path, families, &handles, out, other_path);
}

rdb_status rdb_db_try_catch_up(rdb_db* db) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status { return db->db->TryCatchUpWithPrimary(); });
}

rdb_status rdb_ttl_set(rdb_db* db, rdb_column_family* cf, int32_t ttl) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    static_cast<DBWithTTL*>(db->db)->SetTtl(HandleOf(db, cf), ttl);
    return Status::OK();
  });
}

namespace {

void AddText(std::string* block, const std::string& text) {
  const uint32_t length = static_cast<uint32_t>(text.size());
  block->append(reinterpret_cast<const char*>(&length), sizeof(length));
  block->append(text);
  block->resize(Padded(block->size()));
}

ConfigOptions OneLine() {
  ConfigOptions config;
  config.delimiter = ";";
  config.depth = ConfigOptions::Depth::kDepthDetailed;
  config.ignore_unknown_options = true;
  config.env = Env::Default();
  return config;
}

}  // namespace

rdb_status rdb_options_load(const uint8_t* path, uint32_t path_length, uint32_t latest,
                            rdb_slice* out, uint32_t* count) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::string file = ToString(path, path_length);
    if (latest != 0) {
      std::string name;
      const Status status = GetLatestOptionsFileName(file, Env::Default(), &name);
      if (!status.ok()) return status;
      file += "/" + name;
    }
    DBOptions options;
    std::vector<ColumnFamilyDescriptor> families;
    Status status = LoadOptionsFromFile(OneLine(), file, &options, &families);
    if (!status.ok()) return status;
    std::string block, text;
    AddText(&block, file);
    status = GetStringFromDBOptions(OneLine(), options, &text);
    if (!status.ok()) return status;
    AddText(&block, text);
    for (const ColumnFamilyDescriptor& family : families) {
      AddText(&block, family.name);
      text.clear();
      status = GetStringFromColumnFamilyOptions(OneLine(), family.options, &text);
      if (!status.ok()) return status;
      AddText(&block, text);
    }
    *count = 2 + 2 * static_cast<uint32_t>(families.size());
    return GiveBytes(block, out);
  });
}

rdb_status rdb_options_save(rdb_db* db, rdb_column_family** families, uint32_t count,
                            const uint8_t* path, uint32_t path_length) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::vector<std::string> names;
    std::vector<ColumnFamilyOptions> options;
    for (uint32_t i = 0; i < count; ++i) {
      ColumnFamilyDescriptor descriptor;
      const Status status = families[i]->handle->GetDescriptor(&descriptor);
      if (!status.ok()) return status;
      names.push_back(descriptor.name);
      options.push_back(descriptor.options);
    }
    return PersistRocksDBOptions(WriteOptions(), db->db->GetDBOptions(), names, options,
                                 ToString(path, path_length),
                                 Env::Default()->GetFileSystem().get());
  });
}

rdb_status rdb_options_check_compatibility(rdb_open_request* request) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    OpenArguments arguments;
    const Status status = ToArguments(request, &arguments);
    if (!status.ok()) return status;
    ConfigOptions config = OneLine();
    config.sanity_level = ConfigOptions::kSanityLevelLooselyCompatible;
    return CheckOptionsCompatibility(config, arguments.path, arguments.options, arguments.families);
  });
}
