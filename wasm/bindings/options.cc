#include "wasm/bindings/options.h"

#include "rocksdb/compaction_filter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/utilities/options_util.h"
#include "utilities/ttl/db_ttl_impl.h"
#include "wasm/bindings/attachments.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/rate_limiter.h"

namespace rocksdb_wasm {

using namespace ROCKSDB_NAMESPACE;

namespace {

ConfigOptions Strict() {
  ConfigOptions config;
  config.ignore_unknown_options = false;
  config.ignore_unsupported_options = false;
  config.input_strings_escaped = true;
  config.env = Env::Default();
  return config;
}

}  // namespace

Status ParseDBOptions(const std::string& text, DBOptions* options) {
  DBOptions base;
  base.env = Env::Default();
  base.max_file_opening_threads = 1;
  Status status = GetDBOptionsFromString(Strict(), base, text, options);
  if (status.ok() && options->rate_limiter != nullptr) {
    options->rate_limiter = MakeRateLimiter(options->rate_limiter->GetBytesPerSecond());
  }
  return status;
}

Status ParseColumnFamilyOptions(const rdb_column_family_descriptor& family,
                                const ColumnFamilyOptions& base, ColumnFamilyOptions* out) {
  const std::string text = ToString(ToAddress(family.options), family.options_length);
  Status status = GetColumnFamilyOptionsFromString(Strict(), base, text, out);
  if (status.ok()) status = Attach(family.attachments, family.attachment_count, out);
  return status;
}

// Takes off what DBWithTTL put around the stored options: it will do so again.
static Status CheckTimeToLive(const std::string& name, bool expires, ColumnFamilyOptions* stored) {
  const auto& factory = stored->compaction_filter_factory;
  const bool expired = factory != nullptr && factory->Name() == std::string(TtlCompactionFilterFactory::kClassName());
  if (expired != expires) {
    return Status::InvalidArgument(
        "column family " + name,
        expired ? "its entries have a time to live: open the database with DBWithTTL.open"
                : "its entries have no time to live: open the database with RocksDB.open");
  }
  if (!expired) return Status::OK();
  using Factory = std::shared_ptr<CompactionFilterFactory>;
  if (const Factory* inner = factory->GetOptions<Factory>("UserOptions")) {
    stored->compaction_filter_factory = Factory(*inner);
  }
  using Operator = std::shared_ptr<MergeOperator>;
  if (stored->merge_operator != nullptr) {
    const auto* inner = stored->merge_operator->GetOptions<Operator>("TtlMergeOptions");
    if (inner != nullptr) stored->merge_operator = Operator(*inner);
  }
  return Status::OK();
}

Status ToDescriptors(const std::string& path, const rdb_column_family_descriptor* families,
                     uint32_t count, bool expires, std::vector<ColumnFamilyDescriptor>* out) {
  DBWithTTLImpl::RegisterTtlClasses();
  std::vector<ColumnFamilyDescriptor> persisted;
  for (uint32_t i = 0; i < count; ++i) {
    if (families[i].persisted == 0) continue;
    ConfigOptions config;
    config.ignore_unknown_options = true;
    config.env = Env::Default();
    DBOptions ignored;
    const Status status = LoadLatestOptions(config, path, &ignored, &persisted);
    // Without an OPTIONS file there is nothing to take up; a broken one must not be passed over.
    if (!status.ok() && !status.IsNotFound() && !status.IsPathNotFound()) return status;
    break;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const std::string name = ToString(ToAddress(families[i].name), families[i].name_length);
    ColumnFamilyOptions base;
    if (families[i].persisted != 0) {
      for (const ColumnFamilyDescriptor& known : persisted) {
        if (known.name != name) continue;
        base = known.options;
        const Status status = CheckTimeToLive(name, expires, &base);
        if (!status.ok()) return status;
      }
    }
    ColumnFamilyOptions options;
    Status status = ParseColumnFamilyOptions(families[i], base, &options);
    if (!status.ok()) return status;
    out->emplace_back(name, options);
  }
  return Status::OK();
}

}  // namespace rocksdb_wasm
