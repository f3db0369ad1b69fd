#include "wasm/bindings/callbacks/host_objects.h"

#include <string.h>

#include "rocksdb/listener.h"
#include "rocksdb/write_batch.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

static_assert(sizeof(Slice) == sizeof(rdb_slice), "operands are passed as RocksDB has them");

bool NamedHostObject::CallForBytes(uint32_t method, rdb_bytes_call* call, std::string* result) const {
  // Nobody else needs the scratch area at this moment: results go there at the end of a call.
  call->result = ToWord(transfer_out);
  call->capacity = kTransferBytes;
  call->length = 0;
  if (!Call(method, call)) return false;
  if (call->length <= kTransferBytes) {
    result->assign(reinterpret_cast<const char*>(transfer_out), call->length);
    return true;
  }
  result->resize(call->length);
  rdb_result_call rest = {ToWord(&(*result)[0]), call->length};
  return Call(0, &rest);
}

std::vector<std::pair<std::string, std::string>> ToPairs(const std::string& packed) {
  std::vector<std::string> parts;
  for (size_t at = 0; at + sizeof(uint32_t) <= packed.size();) {
    uint32_t length;
    memcpy(&length, packed.data() + at, sizeof(length));
    at += sizeof(length);
    parts.push_back(packed.substr(at, length));
    at += length;
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (size_t i = 0; i + 1 < parts.size(); i += 2) {
    pairs.emplace_back(std::move(parts[i]), std::move(parts[i + 1]));
  }
  return pairs;
}

Status CallbackThrew() { return Status::Aborted("a callback threw"); }

namespace {

class Guard : public EventListener {
 public:
  void OnBackgroundError(BackgroundErrorReason reason, Status* error) override {
    if (callback_state.failing == 0) return;
    // The log has what the memtable has not: only recovery brings them together.
    if (reason == BackgroundErrorReason::kMemTable) return;
    *error = Status(Status::Aborted("a callback threw in background work; resume() tries again"),
                    Status::Severity::kHardError);
  }
};

}  // namespace

std::shared_ptr<EventListener> CallbackGuard() { return std::make_shared<Guard>(); }

}  // namespace rocksdb_wasm
