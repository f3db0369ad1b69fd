// What compaction drops and changes, as functions of the host's decide. One that throws keeps the entry.
#include "rocksdb/compaction_filter.h"

#include "rocksdb/wide_columns.h"
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/table_properties.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

using Columns = std::vector<std::pair<std::string, std::string>>;

// One filter of the host's; several jobs share it when it was given as such.
class HostFilter : public CompactionFilter {
 public:
  explicit HostFilter(std::shared_ptr<const NamedHostObject> host) : host_(std::move(host)) {}

  const char* Name() const override { return host_->name().c_str(); }

  Decision FilterV3(int level, const Slice& key, ValueType type, const Slice* value,
                    const WideColumns* columns, std::string* new_value, Columns* new_columns,
                    std::string* skip_until) const override {
    const uint32_t method = type == ValueType::kWideColumnEntity ? kFilterEntity
                            : type == ValueType::kMergeOperand   ? kFilterMergeOperand
                                                                 : kFilterValue;
    if (!host_->Has(method)) return Decision::kKeep;
    rdb_bytes_call call = {};
    SetKey(&call, key);
    if (value != nullptr) SetValue(&call, *value);
    std::vector<Slice> parts;
    if (columns != nullptr) {
      for (const WideColumn& column : *columns) {
        parts.push_back(column.name());
        parts.push_back(column.value());
      }
      call.operands = ToWord(parts.data());
      call.operand_count = parts.size();
    }
    return Ask(method, level, &call, new_value, new_columns, skip_until);
  }

  Decision FilterBlobByKey(int level, const Slice& key, std::string* new_value,
                           std::string* skip_until) const override {
    if (!host_->Has(kFilterBlobByKey)) return Decision::kUndetermined;
    rdb_bytes_call call = {};
    SetKey(&call, key);
    return Ask(kFilterBlobByKey, level, &call, new_value, nullptr, skip_until);
  }

 private:
  Decision Ask(uint32_t method, int level, rdb_bytes_call* call, std::string* new_value,
               Columns* new_columns, std::string* skip_until) const {
    call->number = level;
    std::string result;
    if (!host_->CallForBytes(method, call, &result)) return Decision::kKeep;
    switch (call->answer) {
      case kDecideRemove:
        return Decision::kRemove;
      case kDecidePurge:
        return Decision::kPurge;
      case kDecideChange:
        *new_value = std::move(result);
        return Decision::kChangeValue;
      case kDecideSkipUntil:
        *skip_until = std::move(result);
        return Decision::kRemoveAndSkipUntil;
      case kDecideColumns:
        *new_columns = ToPairs(result);
        return Decision::kChangeWideColumnEntity;
      case kDecideUndetermined:
        return Decision::kUndetermined;
      default:
        return Decision::kKeep;
    }
  }

  const std::shared_ptr<const NamedHostObject> host_;
};

// RocksDB holds single filters by a bare pointer; what makes them is held as long as it is needed.
class SameFilter : public CompactionFilterFactory {
 public:
  explicit SameFilter(const rdb_host_object& described)
      : host_(std::make_shared<NamedHostObject>(described)) {}
  const char* Name() const override { return host_->name().c_str(); }
  std::unique_ptr<CompactionFilter> CreateCompactionFilter(const CompactionFilter::Context&) override {
    return std::make_unique<HostFilter>(host_);
  }

 private:
  const std::shared_ptr<const NamedHostObject> host_;
};

class HostFilterFactory : public CompactionFilterFactory {
 public:
  explicit HostFilterFactory(const rdb_host_object& described) : host_(described) {}
  const char* Name() const override { return host_.name().c_str(); }

  bool ShouldFilterTableFileCreation(TableFileCreationReason reason) const override {
    if (!host_.Has(kShouldFilter)) {
      return CompactionFilterFactory::ShouldFilterTableFileCreation(reason);
    }
    rdb_create_call call = {};
    call.reason = static_cast<uint32_t>(reason);
    return host_.Call(kShouldFilter, &call) && call.answer != 0;
  }

  std::unique_ptr<CompactionFilter> CreateCompactionFilter(
      const CompactionFilter::Context& context) override {
    rdb_create_call call = {};
    call.full = context.is_full_compaction ? 1 : 0;
    call.manual = context.is_manual_compaction ? 1 : 0;
    call.level = context.input_start_level;
    call.family = context.column_family_id;
    call.reason = static_cast<uint32_t>(context.reason);
    Plain tables;
    WriteTableCollection(context.input_table_properties, &tables);
    call.tables = ToWord(tables.bytes().data());
    call.tables_length = tables.bytes().size();
    if (!host_.Call(kCreateFilter, &call) || call.callback == 0) return nullptr;
    return std::make_unique<HostFilter>(std::make_shared<NamedHostObject>(host_.name(), call));
  }

 private:
  const NamedHostObject host_;
};

}  // namespace

std::shared_ptr<CompactionFilterFactory> MakeCompactionFilter(const rdb_host_object& object) {
  return std::make_shared<SameFilter>(object);
}

std::shared_ptr<CompactionFilterFactory> MakeCompactionFilterFactory(
    const rdb_host_object& object) {
  return std::make_shared<HostFilterFactory>(object);
}

}  // namespace rocksdb_wasm
