// Values that are read in place: in the block cache, or in a buffer of the handle's own.
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

rdb_status rdb_pinned_slice_create(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                   rdb_snapshot* snapshot, const uint8_t* key, uint32_t key_length,
                                   rdb_pinned_slice** handle, rdb_slice* out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_pinned_slice, OwnedDeleter<rdb_pinned_slice>> holder(
        NewOwned<rdb_pinned_slice>(Owner::kPinnedSlice));
    OwnerScope owner(holder->slot());
    const CallbackWatch callbacks;
    CallFlags call(db, flags);
    const Status status = db->db->Get(ToReadOptions(flags, snapshot), HandleOf(db, cf),
                                      ToSlice(key, key_length), &holder->value);
    if (callbacks.Threw()) return CallbackThrew();
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

void rdb_pinned_slice_free(rdb_pinned_slice* slice) { DeleteOwned(slice); }
