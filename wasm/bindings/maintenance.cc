// What is done to a whole database: flush, compaction, properties, options, destroy, repair.
#include "rocksdb/convenience.h"
#include "rocksdb/options.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/options.h"
#include "wasm/bindings/stale_flushes.h"
#include "wasm/port/scheduler.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

rdb_status rdb_db_flush(rdb_db* db, rdb_column_family** families, uint32_t count, uint32_t wait,
                        uint32_t allow_write_stall) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    FlushOptions options;
    options.wait = wait != 0;
    options.allow_write_stall = allow_write_stall != 0;
    std::vector<ColumnFamilyHandle*> handles;
    for (uint32_t i = 0; i < count; ++i) handles.push_back(HandleOf(db, families[i]));
    return db->db->Flush(options, handles);
  });
}

rdb_status rdb_db_sync_wal(rdb_db* db) {
  OwnerScope owner(Owner::kWrite);
  return Guarded([&]() -> Status { return db->db->FlushWAL(/*sync=*/true); });
}

rdb_status rdb_db_get_property(rdb_db* db, rdb_column_family* cf, const uint8_t* name,
                               uint32_t name_length, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::string value;
    if (!db->db->GetProperty(HandleOf(db, cf), ToSlice(name, name_length), &value)) {
      *out = {0, 0};
      return Status::OK();
    }
    return GiveBytes(value, out);
  });
}

rdb_status rdb_db_get_int_property(rdb_db* db, rdb_column_family* cf, const uint8_t* name,
                                   uint32_t name_length, rdb_value* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    uint64_t value = 0;
    out->found =
        db->db->GetIntProperty(HandleOf(db, cf), ToSlice(name, name_length), &value) ? 1 : 0;
    out->data = static_cast<uint32_t>(value);
    out->length = static_cast<uint32_t>(value >> 32);
    return Status::OK();
  });
}

rdb_status rdb_db_set_options(rdb_db* db, rdb_column_family* cf, const uint8_t* options,
                              uint32_t options_length) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::unordered_map<std::string, std::string> map;
    Status status = StringToMap(ToString(options, options_length), &map);
    if (!status.ok()) return status;
    ColumnFamilyOptions changed;
    // What cannot be parsed is RocksDB's to refuse.
    if (GetColumnFamilyOptionsFromMap(ConfigOptions(), ColumnFamilyOptions(), map, &changed).ok()) {
      status = CheckLimits(changed);
    }
    return status.ok() ? db->db->SetOptions(HandleOf(db, cf), map) : status;
  });
}

rdb_status rdb_db_set_db_options(rdb_db* db, const uint8_t* options, uint32_t options_length) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::unordered_map<std::string, std::string> map;
    Status status = StringToMap(ToString(options, options_length), &map);
    return status.ok() ? db->db->SetDBOptions(map) : status;
  });
}

rdb_status rdb_db_get_options(rdb_db* db, rdb_column_family* cf, rdb_slice* out) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    ConfigOptions config;
    config.delimiter = ";";
    config.depth = ConfigOptions::Depth::kDepthDetailed;
    std::string text;
    Status status = cf == nullptr
                        ? GetStringFromDBOptions(config, db->db->GetDBOptions(), &text)
                        : GetStringFromColumnFamilyOptions(
                              config, db->db->GetOptions(cf->handle), &text);
    return status.ok() ? GiveBytes(text, out) : status;
  });
}

double rdb_db_latest_sequence_number(rdb_db* db) {
  return static_cast<double>(db->db->GetLatestSequenceNumber());
}

rdb_status rdb_db_resume(rdb_db* db) {
  OwnerScope owner(Owner::kBackground);
  return Guarded([&]() -> Status {
    DropStaleFlushRequests(db->db);
    // RocksDB may be recovering by itself, once a second: let it try a few times first.
    Status status = db->db->Resume();
    for (int attempt = 0; status.IsBusy() && attempt < 3; ++attempt) {
      Scheduler::Get().WaitForWork("resume waits for a recovery that nothing runs");
      status = db->db->Resume();
    }
    return status;
  });
}

rdb_status rdb_db_list_column_families(const uint8_t* path, uint32_t path_length, rdb_slice* out,
                                       uint32_t* count) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    DBOptions options;
    options.env = Env::Default();
    std::vector<std::string> names;
    Status status = DB::ListColumnFamilies(options, ToString(path, path_length), &names);
    if (!status.ok()) return status;
    std::string packed;
    for (const std::string& name : names) {
      const uint32_t length = static_cast<uint32_t>(name.size());
      packed.append(reinterpret_cast<const char*>(&length), sizeof(length));
      packed.append(name);
      packed.resize(Padded(packed.size()));
    }
    status = GiveBytes(packed, out);
    if (status.ok()) *count = static_cast<uint32_t>(names.size());
    return status;
  });
}

rdb_status rdb_db_destroy(rdb_open_request* request) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    OpenArguments arguments;
    const Status status = ToArguments(request, &arguments);
    if (!status.ok()) return status;
    return DestroyDB(arguments.path, Options(arguments.options, ColumnFamilyOptions()),
                     arguments.families);
  });
}

rdb_status rdb_db_repair(rdb_open_request* request) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    OpenArguments arguments;
    const Status status = ToArguments(request, &arguments);
    if (!status.ok()) return status;
    return RepairDB(arguments.path, arguments.options, arguments.families,
                    arguments.families.front().options);
  });
}
