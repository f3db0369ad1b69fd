#include "wasm/bindings/callbacks/named_comparators.h"

#include <memory>
#include <new>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "rocksdb/utilities/object_registry.h"
#include "wasm/bindings/callbacks/checked.h"
#include "wasm/memory/owners.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

// A registry never gives a library back: this one stays, and is empty but for the scopes.
ObjectLibrary& Library() {
  static const std::shared_ptr<ObjectLibrary> library = [] {
    OwnerScope owner(Owner::kEngine);
    return ObjectRegistry::Default()->AddLibrary("host");
  }();
  return *library;
}

// Nor does a library give anything back.
void Empty(ObjectLibrary* library) {
  OwnerScope owner(Owner::kEngine);
  library->~ObjectLibrary();
  new (library) ObjectLibrary("host");
}

std::vector<const Comparator*> ComparatorsOf(DB* db) {
  auto* impl = static_cast<DBImpl*>(db->GetRootDB());
  std::vector<const Comparator*> found;
  InstrumentedMutexLock lock(impl->mutex());
  for (ColumnFamilyData* family : *impl->GetVersionSet()->GetColumnFamilySet()) {
    found.push_back(family->user_comparator());
  }
  return found;
}

}  // namespace

NamedComparators::NamedComparators(DB* db) : NamedComparators(ComparatorsOf(db)) {}

NamedComparators::NamedComparators(std::vector<const Comparator*> known) {
  OwnerScope owner(Owner::kCallback);
  // RocksDB takes its own by name before it asks: whatever else comes here is a function of somebody's.
  Library().AddFactory<const Comparator>(
      ObjectLibrary::PatternEntry("").AddSeparator("", /*at_least_one=*/true),
      [known = std::move(known)](const std::string& name, std::unique_ptr<const Comparator>*,
                                 std::string* message) -> const Comparator* {
        for (const Comparator* each : known) {
          if (each->IsInstanceOf(kHostComparatorClass) && name == each->Name()) return each;
        }
        *message = "the comparator is a function, and not among the options that were given";
        return nullptr;
      });
}

NamedComparators::~NamedComparators() { Empty(&Library()); }

}  // namespace rocksdb_wasm
