#include "wasm/bindings/options.h"

#include "rocksdb/compaction_filter.h"
#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "options/options_parser.h"
#include "rocksdb/convenience.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/table.h"
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

// The latest OPTIONS file of a database. Objects that RocksDB cannot make are left out of the options; the texts
// say what they were called.
struct Persisted {
  DBOptions db;
  std::vector<std::string> names;
  std::vector<ColumnFamilyOptions> options;
  std::vector<std::unordered_map<std::string, std::string>> texts;
};

Status ReadPersisted(const std::string& path, Persisted* persisted) {
  ConfigOptions config;
  config.ignore_unknown_options = true;
  config.env = Env::Default();
  std::string file;
  Status status = GetLatestOptionsFileName(path, config.env, &file);
  // Without an OPTIONS file there is nothing to take up; a broken one must not be passed over.
  if (status.IsNotFound() || status.IsPathNotFound()) return Status::OK();
  if (!status.ok()) return status;
  RocksDBOptionsParser parser;
  status = parser.Parse(config, path + "/" + file, config.env->GetFileSystem().get());
  if (!status.ok()) return status;
  persisted->db = *parser.db_opt();
  persisted->names = *parser.cf_names();
  persisted->options = *parser.cf_opts();
  for (ColumnFamilyOptions& options : persisted->options) {
    // Those of the host's that were stored are places without an object.
    auto& factories = options.table_properties_collector_factories;
    factories.erase(std::remove(factories.begin(), factories.end(), nullptr), factories.end());
  }
  persisted->texts = *parser.cf_opt_maps();
  return Status::OK();
}

// The name of a persisted object: "name", or "{id=name;...}".
std::string NameOf(const std::unordered_map<std::string, std::string>& texts, const char* option) {
  const auto found = texts.find(option);
  if (found == texts.end()) return "";
  std::string name = found->second;
  const size_t id = name.find("id=");
  if (id != std::string::npos) {
    name = name.substr(id + 3);
    name = name.substr(0, name.find_first_of(";}"));
  }
  return name == "nullptr" ? "" : name;
}

// Without its merge operator, replaying the log would end at the first merge and lose what comes after; without its
// comparator the family cannot be opened. Whoever opens it is told which one is missing.
Status MissingCallback(const std::string& family, const char* what, const char* option,
                       const std::string& name) {
  return Status::InvalidArgument("column family '" + family + "' was last opened with the " + what + " '" +
                                 name + "': give it as the option " + option);
}

Status CheckCallbacks(const std::string& family,
                      const std::unordered_map<std::string, std::string>& texts,
                      const ColumnFamilyOptions& base, const ColumnFamilyOptions& options) {
  // One that is given is RocksDB's to judge.
  const std::string comparator = NameOf(texts, "comparator");
  if (!comparator.empty() && options.comparator == base.comparator &&
      comparator != base.comparator->Name()) {
    return MissingCallback(family, "comparator", "comparator", comparator);
  }
  const std::string merge = NameOf(texts, "merge_operator");
  if (!merge.empty() && options.merge_operator == nullptr) {
    return MissingCallback(family, "merge operator", "mergeOperator", merge);
  }
  return Status::OK();
}

}  // namespace

// What RocksDB takes, and divides by or makes nothing of later on.
static Status CheckLimits(const DBOptions& options) {
  // NewLRUCache gives no cache for more.
  constexpr int kMaxShardBits = 19;
  if (options.table_cache_numshardbits > kMaxShardBits) {
    return Status::InvalidArgument("table_cache_numshardbits is above " + std::to_string(kMaxShardBits),
                                   std::to_string(options.table_cache_numshardbits));
  }
  return Status::OK();
}

Status CheckLimits(const ColumnFamilyOptions& options) {
  // All levels are looked at wherever a version is made.
  constexpr int kMaxLevels = 1000;
  if (options.num_levels > kMaxLevels) {
    return Status::InvalidArgument("num_levels is above " + std::to_string(kMaxLevels),
                                   std::to_string(options.num_levels));
  }
  if (options.sample_for_compression > INT32_MAX) {
    return Status::InvalidArgument("sample_for_compression is above " + std::to_string(INT32_MAX),
                                   std::to_string(options.sample_for_compression));
  }
  const auto* cuckoo = options.table_factory == nullptr ? nullptr
                                                        : options.table_factory->GetOptions<CuckooTableOptions>();
  if (cuckoo != nullptr && !(cuckoo->hash_table_ratio > 0 && cuckoo->hash_table_ratio <= 1)) {
    return Status::InvalidArgument("hash_table_ratio of a cuckoo table is not above 0 and up to 1",
                                   std::to_string(cuckoo->hash_table_ratio));
  }
  // As many buckets are looked at for each key, and added to the table.
  constexpr uint32_t kMaxCuckooBlock = 1u << 16;
  if (cuckoo != nullptr && (cuckoo->cuckoo_block_size == 0 || cuckoo->cuckoo_block_size > kMaxCuckooBlock)) {
    return Status::InvalidArgument("cuckoo_block_size is not from 1 to " + std::to_string(kMaxCuckooBlock),
                                   std::to_string(cuckoo->cuckoo_block_size));
  }
  // A prefix has as many buckets as the reciprocal says; 0 is for no buckets at all.
  constexpr double kMinHashTableRatio = 0.001;
  const auto* plain = options.table_factory == nullptr ? nullptr
                                                       : options.table_factory->GetOptions<PlainTableOptions>();
  if (plain != nullptr && plain->hash_table_ratio != 0 && !(plain->hash_table_ratio >= kMinHashTableRatio)) {
    return Status::InvalidArgument("hash_table_ratio of a plain table is neither 0 nor at least 0.001",
                                   std::to_string(plain->hash_table_ratio));
  }
  return Status::OK();
}

Status ParseDBOptions(const std::string& text, DBOptions* options) {
  DBOptions base;
  base.env = Env::Default();
  base.max_file_opening_threads = 1;
  Status status = GetDBOptionsFromString(Strict(), base, text, options);
  if (status.ok()) status = CheckLimits(*options);
  if (status.ok() && options->rate_limiter != nullptr) {
    options->rate_limiter = MakeRateLimiter(options->rate_limiter->GetBytesPerSecond());
  }
  return status;
}

// RocksDB derives the arena's blocks from the write buffer and stores the result: kept with a write buffer that is
// smaller than it was, the first block would fill the memtable, and every write be flushed.
static void DeriveArenaAnew(const ColumnFamilyOptions& base, const std::string& text,
                            ColumnFamilyOptions* options) {
  constexpr size_t kAlign = 4096;
  const size_t derived = std::min(size_t{1024 * 1024}, base.write_buffer_size / 8);
  if (options->write_buffer_size != base.write_buffer_size &&
      base.arena_block_size == (derived + kAlign - 1) / kAlign * kAlign &&
      text.find("arena_block_size=") == std::string::npos) {
    options->arena_block_size = 0;
  }
}

Status ParseColumnFamilyOptions(const rdb_column_family_descriptor& family,
                                const ColumnFamilyOptions& base, ColumnFamilyOptions* out) {
  const std::string text = ToString(ToAddress(family.options), family.options_length);
  Status status = GetColumnFamilyOptionsFromString(Strict(), base, text, out);
  if (status.ok()) status = CheckLimits(*out);
  if (status.ok()) DeriveArenaAnew(base, text, out);
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

namespace {

// RocksDB's parser takes "null" for each of them, and an OPTIONS file may say it; RocksDB calls them unasked.
Status CheckObjects(const std::string& name, const ColumnFamilyOptions& options) {
  const char* missing = options.comparator == nullptr         ? "comparator"
                        : options.memtable_factory == nullptr ? "memtable_factory"
                        : options.table_factory == nullptr    ? "table_factory"
                                                              : nullptr;
  if (missing == nullptr) return Status::OK();
  return Status::InvalidArgument("column family '" + name + "' is stored without a " + missing,
                                 "give it as an option");
}

}  // namespace

Status ToDescriptors(const std::string& path, const rdb_column_family_descriptor* families,
                     uint32_t count, std::optional<bool> expires, std::vector<ColumnFamilyDescriptor>* out,
                     DBOptions* stored) {
  DBWithTTLImpl::RegisterTtlClasses();
  Persisted persisted;
  for (uint32_t i = 0; i < count; ++i) {
    if (families[i].persisted == 0) continue;
    const Status status = ReadPersisted(path, &persisted);
    if (!status.ok()) return status;
    if (stored != nullptr) *stored = persisted.db;
    break;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const std::string name = ToString(ToAddress(families[i].name), families[i].name_length);
    ColumnFamilyOptions base;
    const std::unordered_map<std::string, std::string>* texts = nullptr;
    for (size_t known = 0; families[i].persisted != 0 && known < persisted.names.size(); ++known) {
      if (persisted.names[known] != name) continue;
      base = persisted.options[known];
      texts = &persisted.texts[known];
      if (expires.has_value()) {
        const Status status = CheckTimeToLive(name, *expires, &base);
        if (!status.ok()) return status;
      }
    }
    ColumnFamilyOptions options;
    Status status = ParseColumnFamilyOptions(families[i], base, &options);
    if (status.ok() && texts != nullptr) status = CheckCallbacks(name, *texts, base, options);
    if (status.ok()) status = CheckObjects(name, options);
    if (!status.ok()) return status;
    out->emplace_back(name, options);
  }
  return Status::OK();
}

}  // namespace rocksdb_wasm
