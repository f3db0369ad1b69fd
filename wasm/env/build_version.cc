// What RocksDB's util/build_version.cc.in would say. No date and no git state: the same sources give the
// same binary, and LOG files do not differ by when it was built.
#include <memory>
#include <string>
#include <unordered_map>

#include "rocksdb/utilities/object_registry.h"
#include "rocksdb/version.h"
#include "util/string_util.h"

namespace ROCKSDB_NAMESPACE {

std::unordered_map<std::string, RegistrarFunc> ObjectRegistry::builtins_ = {};

const std::unordered_map<std::string, std::string>& GetRocksBuildProperties() {
  static const auto* properties = new std::unordered_map<std::string, std::string>();
  return *properties;
}

std::string GetRocksVersionAsString(bool with_patch) {
  std::string version = std::to_string(ROCKSDB_MAJOR) + "." + std::to_string(ROCKSDB_MINOR);
  if (with_patch) version += "." + std::to_string(ROCKSDB_PATCH);
  return version;
}

std::string GetRocksBuildInfoAsString(const std::string& program, bool /*verbose*/) {
  return program + " (RocksDB) " + GetRocksVersionAsString(true);
}

}  // namespace ROCKSDB_NAMESPACE
