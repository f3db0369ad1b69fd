#include "wasm/bindings/options.h"

#include "rocksdb/convenience.h"
#include "rocksdb/utilities/options_util.h"
#include "wasm/bindings/attachments.h"
#include "wasm/bindings/objects.h"

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
  return GetDBOptionsFromString(Strict(), base, text, options);
}

Status ParseColumnFamilyOptions(const rdb_column_family_descriptor& family,
                                const ColumnFamilyOptions& base, ColumnFamilyOptions* out) {
  const std::string text = ToString(ToAddress(family.options), family.options_length);
  Status status = GetColumnFamilyOptionsFromString(Strict(), base, text, out);
  if (status.ok()) status = Attach(family.attachments, family.attachment_count, out);
  return status;
}

Status ToDescriptors(const std::string& path, const rdb_column_family_descriptor* families,
                     uint32_t count, std::vector<ColumnFamilyDescriptor>* out,
                     DBOptions* stored) {
  std::vector<ColumnFamilyDescriptor> persisted;
  for (uint32_t i = 0; i < count; ++i) {
    if (families[i].persisted == 0) continue;
    ConfigOptions config;
    config.ignore_unknown_options = true;
    config.env = Env::Default();
    const Status status = LoadLatestOptions(config, path, stored, &persisted);
    // Without an OPTIONS file there is nothing to take up; a broken one must not be passed over.
    if (!status.ok() && !status.IsNotFound() && !status.IsPathNotFound()) return status;
    break;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const std::string name = ToString(ToAddress(families[i].name), families[i].name_length);
    ColumnFamilyOptions base;
    if (families[i].persisted != 0) {
      for (const ColumnFamilyDescriptor& known : persisted) {
        if (known.name == name) base = known.options;
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
