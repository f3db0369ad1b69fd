// RocksDB's own command-line tools as functions, and its reader of logs.
#include "wasm/bindings/contract/tools.h"

#include <stdio.h>

#include <iostream>

#include "db/log_reader.h"
#include "file/filename.h"
#include "file/sequence_file_reader.h"
#include "rocksdb/ldb_tool.h"
#include "rocksdb/sst_dump_tool.h"
#include "rocksdb/utilities/ldb_cmd.h"
#include "tools/ldb_cmd_impl.h"
#include "wasm/bindings/callbacks/named_comparators.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/open.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

namespace {

std::vector<std::string> TextsOf(const uint8_t* packed, uint32_t count) {
  std::vector<std::string> texts;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t length;
    memcpy(&length, packed, sizeof(length));
    texts.push_back(ToString(packed + sizeof(length), length));
    packed += sizeof(length) + Padded(length);
  }
  return texts;
}

}  // namespace

rdb_status rdb_tools_run(uint32_t tool, const uint8_t* texts, uint32_t count,
                         rdb_open_request* request, uint32_t* exit_code) {
  OwnerScope owner(Owner::kDb);
  return Guarded([&]() -> Status {
    std::vector<std::string> arguments = TextsOf(texts, count);
    std::vector<char*> argv;
    for (std::string& text : arguments) argv.push_back(text.data());
    argv.push_back(nullptr);
    Options options;
    options.env = Env::Default();
    options.max_file_opening_threads = 1;
    OpenArguments given;
    if (request != nullptr) {
      const Status status = ToArguments(request, &given);
      if (!status.ok()) return status;
      options = Options(given.options, given.families.front().options);
    }
    std::vector<const Comparator*> comparators;
    for (const auto& family : given.families) comparators.push_back(family.options.comparator);
    const NamedComparators known(std::move(comparators));
    const int argc = static_cast<int>(count);
    const int code =
        tool == kToolLdb
            ? LDBCommandRunner::RunCommand(argc, argv.data(), options, LDBOptions(),
                                           request != nullptr ? &given.families : nullptr)
            : SSTDumpTool().Run(argc, argv.data(), options);
    std::cout.flush();
    std::cerr.flush();
    fflush(nullptr);
    *exit_code = static_cast<uint32_t>(code);
    return Status::OK();
  });
}

namespace {

// The first thing that is wrong with a log.
class FirstCorruption : public log::Reader::Reporter {
 public:
  void Corruption(size_t /*bytes*/, const Status& status) override {
    if (status_.ok()) status_ = status;
  }
  const Status& status() const { return status_; }

 private:
  Status status_;
};

}  // namespace

rdb_status rdb_tools_read_wal(const uint8_t* path, uint32_t path_length, rdb_slice* out,
                              uint32_t* count) {
  OwnerScope owner(Owner::kHost);
  return Guarded([&]() -> Status {
    const std::string file = ToString(path, path_length);
    std::unique_ptr<SequentialFileReader> reader;
    Status status = SequentialFileReader::Create(Env::Default()->GetFileSystem(), file,
                                                 FileOptions(), &reader, nullptr, nullptr);
    if (!status.ok()) return status;
    uint64_t number = 0;
    FileType type;
    ParseFileName(file.substr(file.rfind('/') + 1), &number, &type);
    FirstCorruption reporter;
    log::Reader log(nullptr, std::move(reader), &reporter, /*checksum=*/true, number);
    Slice record;
    std::string scratch, block;
    uint32_t records = 0;
    while (log.ReadRecord(&record, &scratch)) {
      const double offset = static_cast<double>(log.LastRecordOffset());
      const uint32_t lengths[2] = {static_cast<uint32_t>(record.size()), 0};
      block.append(reinterpret_cast<const char*>(&offset), sizeof(offset));
      block.append(reinterpret_cast<const char*>(lengths), sizeof(lengths));
      block.append(record.data(), record.size());
      block.resize((block.size() + 7) & ~size_t{7});
      ++records;
    }
    if (!reporter.status().ok()) return reporter.status();
    *count = records;
    return GiveBytes(block, out);
  });
}
