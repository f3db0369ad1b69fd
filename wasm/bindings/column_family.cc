#include "db/column_family.h"
#include "rocksdb/utilities/db_ttl.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/open.h"
#include "wasm/bindings/options.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

rdb_status rdb_column_family_create(rdb_db* db, rdb_column_family_descriptor* descriptor,
                                    rdb_column_family** out) {
  OwnerScope owner(Owner::kColumnFamily);
  return Guarded([&]() -> Status {
    ColumnFamilyOptions options;
    Status status = ParseColumnFamilyOptions(*descriptor, ColumnFamilyOptions(), &options);
    if (!status.ok()) return status;
    auto family = std::make_unique<rdb_column_family>();
    const std::string name = ToString(ToAddress(descriptor->name), descriptor->name_length);
    if (db->expires) {
      status = CheckExpiring(options);
      if (!status.ok()) return status;
      status = static_cast<DBWithTTL*>(db->db)->CreateColumnFamilyWithTtl(
          options, name, &family->handle, descriptor->ttl);
    } else {
      status = db->db->CreateColumnFamily(options, name, &family->handle);
    }
    if (status.ok()) {
      *out = family.release();
    } else if (family->handle != nullptr) {
      // It exists, but its options could not be written: undone, and RocksDB leaves the handle to us.
      db->db->DropColumnFamily(family->handle).PermitUncheckedError();
      db->db->DestroyColumnFamilyHandle(family->handle).PermitUncheckedError();
    }
    return status;
  });
}

rdb_status rdb_column_family_drop(rdb_db* db, rdb_column_family* cf) {
  OwnerScope owner(Owner::kColumnFamily);
  return Guarded([&]() -> Status { return db->db->DropColumnFamily(cf->handle); });
}

rdb_status rdb_column_family_free(rdb_db* db, rdb_column_family* cf) {
  OwnerScope owner(Owner::kColumnFamily);
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_column_family> holder(cf);
    return db->db->DestroyColumnFamilyHandle(holder->handle);
  });
}

uint32_t rdb_column_family_id(rdb_column_family* cf) { return cf->handle->GetID(); }

uint32_t rdb_column_family_can_merge(rdb_column_family* cf) {
  auto* handle = static_cast<ColumnFamilyHandleImpl*>(cf->handle);
  return handle->cfd()->ioptions()->merge_operator != nullptr ? 1 : 0;
}

int32_t rdb_column_family_compare(rdb_column_family* cf, const uint8_t* a, uint32_t a_length,
                                  const uint8_t* b, uint32_t b_length) {
  return cf->handle->GetComparator()->CompareWithoutTimestamp(
      ToSlice(a, a_length), /*a_has_ts=*/false, ToSlice(b, b_length), /*b_has_ts=*/false);
}
