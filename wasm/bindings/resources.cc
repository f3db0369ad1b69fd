// The write-buffer manager, the SST file manager, and what the Env tells.
#include "wasm/bindings/resources.h"

#include <map>

#include "rocksdb/env.h"
#include "wasm/bindings/paced_deletion.h"
#include "wasm/bindings/records.h"
#include "wasm/port/scheduler.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

// A write that stalls waits until memtables were flushed. When no flush is left that could end the stall (the memory
// is another database's, or iterators hold it), nobody could in one thread: the write is let through then,
// and the next one stalls anew.
class RelievedManager : public StallRelief {
 public:
  RelievedManager(size_t buffer_size, std::shared_ptr<Cache> cache, bool allow_stall)
      : manager(buffer_size, std::move(cache), allow_stall) {
    Scheduler::Get().AddRelief(this);
  }
  ~RelievedManager() override { Scheduler::Get().RemoveRelief(this); }

  bool Relieve() override {
    if (!manager.IsStallActive()) return false;
    manager.SetAllowStall(false);
    manager.SetAllowStall(true);
    return true;
  }

  WriteBufferManager manager;
};

}  // namespace

rdb_write_buffer_manager* rdb_write_buffer_manager_create(double buffer_size, rdb_cache* cache,
                                                          uint32_t allow_stall) {
  auto* made = NewOwned<rdb_write_buffer_manager>(Owner::kWriteBufferManager);
  OwnerScope owner(made->slot());
  auto relieved = std::make_shared<RelievedManager>(static_cast<size_t>(buffer_size),
                                                    cache == nullptr ? nullptr : cache->cache,
                                                    allow_stall != 0);
  made->manager = std::shared_ptr<WriteBufferManager>(relieved, &relieved->manager);
  return made;
}

void rdb_write_buffer_manager_free(rdb_write_buffer_manager* manager) { DeleteOwned(manager); }

void rdb_write_buffer_manager_read(rdb_write_buffer_manager* manager,
                                   rdb_write_buffer_manager_figures* out) {
  const WriteBufferManager& of = *manager->manager;
  *out = {static_cast<double>(of.buffer_size()),
          static_cast<double>(of.memory_usage()),
          static_cast<double>(of.mutable_memtable_memory_usage()),
          static_cast<double>(of.dummy_entries_in_cache_usage()),
          of.enabled() ? 1u : 0u,
          of.cost_to_cache() ? 1u : 0u,
          of.enabled() && of.IsStallThresholdExceeded() ? 1u : 0u};
}

void rdb_write_buffer_manager_set_buffer_size(rdb_write_buffer_manager* manager, double bytes) {
  manager->manager->SetBufferSize(static_cast<size_t>(bytes));
}

void rdb_write_buffer_manager_set_allow_stall(rdb_write_buffer_manager* manager, uint32_t allow) {
  manager->manager->SetAllowStall(allow != 0);
}

rdb_status rdb_sst_file_manager_create(rdb_sst_file_manager_options* options,
                                       rdb_sst_file_manager** out) {
  return Guarded([&]() -> Status {
    std::unique_ptr<rdb_sst_file_manager, OwnedDeleter<rdb_sst_file_manager>> holder(
        NewOwned<rdb_sst_file_manager>(Owner::kSstFileManager));
    OwnerScope owner(holder->slot());
    Status status;
    holder->manager.reset(NewSstFileManager(
        Env::Default(), /*info_log=*/nullptr, /*trash_dir=*/"",
        static_cast<int64_t>(options->delete_rate), /*delete_existing_trash=*/true, &status,
        options->max_trash_db_ratio, static_cast<uint64_t>(options->max_delete_chunk)));
    if (!status.ok()) return status;
    PaceDeletion(holder->manager.get());
    holder->manager->SetMaxAllowedSpaceUsage(static_cast<uint64_t>(options->max_allowed_space));
    holder->manager->SetCompactionBufferSize(static_cast<uint64_t>(options->compaction_buffer));
    *out = holder.release();
    return Status::OK();
  });
}

void rdb_sst_file_manager_free(rdb_sst_file_manager* manager) { DeleteOwned(manager); }

void rdb_sst_file_manager_read(rdb_sst_file_manager* manager, rdb_sst_file_manager_figures* out) {
  SstFileManager& of = *manager->manager;
  *out = {static_cast<double>(of.GetTotalSize()),
          static_cast<double>(of.GetTotalTrashSize()),
          static_cast<double>(of.GetDeleteRateBytesPerSecond()),
          of.GetMaxTrashDBRatio(),
          of.IsMaxAllowedSpaceReached() ? 1u : 0u,
          of.IsMaxAllowedSpaceReachedIncludingCompactions() ? 1u : 0u};
}

void rdb_sst_file_manager_set_max_space(rdb_sst_file_manager* manager, double bytes) {
  manager->manager->SetMaxAllowedSpaceUsage(static_cast<uint64_t>(bytes));
}

void rdb_sst_file_manager_set_compaction_buffer(rdb_sst_file_manager* manager, double bytes) {
  manager->manager->SetCompactionBufferSize(static_cast<uint64_t>(bytes));
}

void rdb_sst_file_manager_set_delete_rate(rdb_sst_file_manager* manager, double bytes) {
  OwnerScope owner(manager->slot());
  manager->manager->SetDeleteRateBytesPerSecond(static_cast<int64_t>(bytes));
  PaceDeletion(manager->manager.get());
}

void rdb_sst_file_manager_set_max_trash_ratio(rdb_sst_file_manager* manager, double ratio) {
  manager->manager->SetMaxTrashDBRatio(ratio);
}

void rdb_sst_file_manager_set_statistics(rdb_sst_file_manager* manager, uint32_t statistics) {
  const auto* from = reinterpret_cast<const rdb_statistics*>(statistics);
  manager->manager->SetStatisticsPtr(from == nullptr ? nullptr : from->statistics);
}

rdb_status rdb_sst_file_manager_tracked_files(rdb_sst_file_manager* manager, rdb_slice* out) {
  OwnerScope owner(manager->slot());
  return Guarded([&]() -> Status {
    std::map<std::string, std::string> sizes;
    for (const auto& [path, size] : manager->manager->GetTrackedFiles()) {
      sizes[path] = std::to_string(size);
    }
    RecordWriter record;
    record.TextMap(sizes);
    return record.Give(out);
  });
}

uint32_t rdb_env_queue_length(uint32_t priority) {
  return Env::Default()->GetThreadPoolQueueLen(static_cast<Env::Priority>(priority));
}

int32_t rdb_env_get_background_threads(uint32_t priority) {
  return Env::Default()->GetBackgroundThreads(static_cast<Env::Priority>(priority));
}

void rdb_env_set_background_threads(uint32_t priority, int32_t number) {
  Env::Default()->SetBackgroundThreads(number, static_cast<Env::Priority>(priority));
}
