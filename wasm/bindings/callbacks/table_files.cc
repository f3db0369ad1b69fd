// What the host adds to table files, where it cuts them, and the checksums it makes of them.
#include "rocksdb/file_checksum.h"
#include "rocksdb/sst_partitioner.h"
#include "rocksdb/table_properties.h"
#include "wasm/bindings/callbacks/host_objects.h"
#include "wasm/bindings/objects.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

// A collector that throws leaves its properties out; the table is whole.
class HostCollector : public TablePropertiesCollector {
 public:
  HostCollector(const std::string& name, const rdb_create_call& created) : host_(name, created) {}

  const char* Name() const override { return host_.name().c_str(); }

  Status AddUserKey(const Slice& key, const Slice& value, EntryType type, SequenceNumber sequence,
                    uint64_t file_size) override {
    rdb_bytes_call call = {};
    SetKey(&call, key);
    SetValue(&call, value);
    call.number = type;
    call.sequence = static_cast<double>(sequence);
    call.file_size = static_cast<double>(file_size);
    if (!failed_) failed_ = !host_.Call(kAddUserKey, &call);
    return failed_ ? CallbackThrew() : Status::OK();
  }

  Status Finish(UserCollectedProperties* properties) override {
    return Ask(kFinishCollector, properties) ? Status::OK() : CallbackThrew();
  }

  UserCollectedProperties GetReadableProperties() const override {
    UserCollectedProperties properties;
    if (host_.Has(kReadableProperties)) Ask(kReadableProperties, &properties);
    return properties;
  }

  bool NeedCompact() const override {
    rdb_bytes_call call = {};
    return host_.Has(kNeedCompact) && !failed_ && host_.Call(kNeedCompact, &call) &&
           call.answer != 0;
  }

 private:
  bool Ask(uint32_t method, UserCollectedProperties* properties) const {
    rdb_bytes_call call = {};
    std::string packed;
    if (!failed_) failed_ = !host_.CallForBytes(method, &call, &packed);
    if (failed_) return false;
    for (auto& [name, value] : ToPairs(packed)) (*properties)[name] = value;
    return true;
  }

  const NamedHostObject host_;
  mutable bool failed_ = false;
};

class HostCollectorFactory : public TablePropertiesCollectorFactory {
 public:
  explicit HostCollectorFactory(const rdb_host_object& described) : host_(described) {}
  const char* Name() const override { return host_.name().c_str(); }

  TablePropertiesCollector* CreateTablePropertiesCollector(Context context) override {
    rdb_create_call call = {};
    call.family = context.column_family_id;
    call.level = context.level_at_creation;
    call.level_count = context.num_levels;
    if (!host_.Call(kCreateCollector, &call) || call.callback == 0) return nullptr;
    return new HostCollector(host_.name(), call);
  }

 private:
  const NamedHostObject host_;
};

// A partitioner that throws cuts nothing, and holds back no move.
class HostPartitioner : public SstPartitioner {
 public:
  HostPartitioner(const std::string& name, const rdb_create_call& created) : host_(name, created) {}

  const char* Name() const override { return host_.name().c_str(); }

  PartitionerResult ShouldPartition(const PartitionerRequest& request) override {
    rdb_bytes_call call = {};
    SetKey(&call, *request.prev_user_key);
    SetValue(&call, *request.current_user_key);
    call.file_size = static_cast<double>(request.current_output_file_size);
    return host_.Call(kShouldPartition, &call) && call.answer != 0 ? kRequired : kNotRequired;
  }

  bool CanDoTrivialMove(const Slice& smallest, const Slice& largest) override {
    if (!host_.Has(kCanMove)) return false;
    rdb_bytes_call call = {};
    SetKey(&call, smallest);
    SetValue(&call, largest);
    return host_.Call(kCanMove, &call) && call.answer != 0;
  }

 private:
  const NamedHostObject host_;
};

class HostPartitionerFactory : public SstPartitionerFactory {
 public:
  explicit HostPartitionerFactory(const rdb_host_object& described) : host_(described) {}
  const char* Name() const override { return host_.name().c_str(); }

  std::unique_ptr<SstPartitioner> CreatePartitioner(
      const SstPartitioner::Context& context) const override {
    rdb_create_call call = {};
    call.full = context.is_full_compaction ? 1 : 0;
    call.manual = context.is_manual_compaction ? 1 : 0;
    call.level = context.output_level;
    call.a = ToWord(context.smallest_user_key.data());
    call.a_length = context.smallest_user_key.size();
    call.b = ToWord(context.largest_user_key.data());
    call.b_length = context.largest_user_key.size();
    if (!host_.Call(kCreatePartitioner, &call) || call.callback == 0) return nullptr;
    return std::make_unique<HostPartitioner>(host_.name(), call);
  }

 private:
  const NamedHostObject host_;
};

// A checksum that was not made must not be recorded: the job that needs it fails.
class HostChecksum : public FileChecksumGenerator {
 public:
  HostChecksum(const std::string& name, const rdb_create_call& created) : host_(name, created) {}

  const char* Name() const override { return host_.name().c_str(); }

  void Update(const char* data, size_t length) override {
    rdb_bytes_call call = {};
    SetValue(&call, Slice(data, length));
    host_.CallOrFail(kUpdateChecksum, &call);
  }

  void Finalize() override {
    if (callback_state.failing != 0) return;
    rdb_bytes_call call = {};
    if (!host_.CallForBytes(kFinishChecksum, &call, &checksum_)) callback_state.failing = 1;
  }

  std::string GetChecksum() const override { return checksum_; }

 private:
  const NamedHostObject host_;
  std::string checksum_;
};

class HostChecksumFactory : public FileChecksumGenFactory {
 public:
  explicit HostChecksumFactory(const rdb_host_object& described) : host_(described) {}
  const char* Name() const override { return host_.name().c_str(); }

  std::unique_ptr<FileChecksumGenerator> CreateFileChecksumGenerator(
      const FileChecksumGenContext& context) override {
    const std::string& wanted = context.requested_checksum_func_name;
    // Another one cannot be made here: whoever asks says so.
    if (!wanted.empty() && wanted != host_.name()) return nullptr;
    rdb_create_call call = {};
    call.a = ToWord(context.file_name.data());
    call.a_length = context.file_name.size();
    if (!host_.CallOrFail(kCreateChecksum, &call) || call.callback == 0) return nullptr;
    return std::make_unique<HostChecksum>(host_.name(), call);
  }

 private:
  const NamedHostObject host_;
};

}  // namespace

std::shared_ptr<TablePropertiesCollectorFactory> MakeCollectorFactory(
    const rdb_host_object& object) {
  return std::make_shared<HostCollectorFactory>(object);
}

std::shared_ptr<SstPartitionerFactory> MakePartitionerFactory(const rdb_host_object& object) {
  return std::make_shared<HostPartitionerFactory>(object);
}

std::shared_ptr<FileChecksumGenFactory> MakeChecksumFactory(const rdb_host_object& object) {
  return std::make_shared<HostChecksumFactory>(object);
}

}  // namespace rocksdb_wasm
