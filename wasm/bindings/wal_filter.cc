// A filter of the host's for the records of the log, which recovery asks what to do with each.
#include "rocksdb/wal_filter.h"

#include "rocksdb/listener.h"
#include "rocksdb/write_batch.h"
#include "wasm/bindings/contract/events.h"
#include "wasm/bindings/host.h"
#include "wasm/bindings/host_objects.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/plain.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

class HostWalFilter : public WalFilter {
 public:
  explicit HostWalFilter(uint32_t callback) : host_(callback) {
    rdb_wal_filter_name name = {0, 0};
    failed_ = !host_.Call(kWalFilterDescribe, &name);
    name_.resize(name.length);
    name.data = ToWord(name_.data());
    failed_ = failed_ || !host_.Call(kWalFilterTakeName, &name);
  }

  const char* Name() const override { return name_.c_str(); }

  void ColumnFamilyLogNumberMap(const std::map<uint32_t, uint64_t>& log_numbers,
                                const std::map<std::string, uint32_t>& ids) override {
    Plain plain;
    plain.Object([&] {
      plain.Name("logNumbers").Array([&] {
        for (const auto& [id, number] : log_numbers) {
          plain.Number(id);
          plain.Number(number);
        }
      });
      plain.Name("ids").Array([&] {
        for (const auto& [name, id] : ids) {
          plain.Text(name);
          plain.Number(id);
        }
      });
    });
    rdb_event event = {0, ToWord(plain.bytes().data()),
                       static_cast<uint32_t>(plain.bytes().size()), 0};
    if (!host_.Call(kWalFilterLogNumbers, &event)) failed_ = true;
  }

  WalProcessingOption LogRecordFound(unsigned long long log_number, const std::string& file_name,
                                     const WriteBatch& batch, WriteBatch* new_batch,
                                     bool* batch_changed) override {
    const std::string& rep = batch.Data();
    rdb_wal_filter_record record = {};
    record.log_number = static_cast<double>(log_number);
    record.file_name = ToWord(file_name.data());
    record.file_name_length = static_cast<uint32_t>(file_name.size());
    record.batch = ToWord(rep.data());
    record.batch_length = static_cast<uint32_t>(rep.size());
    if (failed_ || !host_.Call(kWalFilterRecord, &record)) {
      return Refuse(rep, new_batch, batch_changed);
    }
    if (record.new_batch_length > 0) {
      std::string bytes(record.new_batch_length, '\0');
      record.new_batch = ToWord(bytes.data());
      if (!host_.Call(kWalFilterTakeBatch, &record)) return Refuse(rep, new_batch, batch_changed);
      *new_batch = WriteBatch(std::move(bytes));
      *batch_changed = true;
    }
    return static_cast<WalProcessingOption>(record.decision);
  }

 private:
  // The filter threw. Recovery must end without a trace, or what the log has would be lost with it; of all
  // that a filter can say, only a batch of more records than there were does that in every recovery mode.
  WalProcessingOption Refuse(const std::string& rep, WriteBatch* new_batch, bool* batch_changed) {
    failed_ = true;
    constexpr size_t kCountOffset = 8, kHeader = 12;
    uint32_t count;
    memcpy(&count, rep.data() + kCountOffset, sizeof(count));
    ++count;
    std::string bytes(kHeader, '\0');
    memcpy(bytes.data() + kCountOffset, &count, sizeof(count));
    *new_batch = WriteBatch(std::move(bytes));
    *batch_changed = true;
    return WalProcessingOption::kContinueProcessing;
  }

  const HostObject host_;
  std::string name_;
  bool failed_ = false;
};

class FilterKeeper : public EventListener {
 public:
  explicit FilterKeeper(uint32_t callback) : filter(callback) {}
  HostWalFilter filter;
};

}  // namespace

void AddHostWalFilter(uint32_t callback, DBOptions* options) {
  OwnerScope owner(Owner::kCallback);
  auto keeper = std::make_shared<FilterKeeper>(callback);
  options->wal_filter = &keeper->filter;
  options->listeners.push_back(std::move(keeper));
}

}  // namespace rocksdb_wasm
