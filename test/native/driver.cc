// Native RocksDB for test/native: applies a script to a database, or prints all that one holds.
//
//   driver write DIR <SCRIPT    one command a line, see Writer::Run; bytes are in hex, `-` for none
//   driver transact DIR <SCRIPT likewise, in a TransactionDB, see Transactor::Run
//   driver read DIR             `sequence N`, then for each column family `family NAME` and its
//                               entries, `KEY VALUE` a line, in the order of its comparator
//   driver versions DIR         the same with columns and history: `KEY TIMESTAMP` (`-`: it has none), then
//                               `deleted`, or a NAME and a VALUE for each column
//
// Whatever is not as it should be ends the program with a message and 1.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/utilities/options_util.h"
#include "rocksdb/utilities/transaction_db.h"
#include "rocksdb/write_batch.h"

namespace {

using rocksdb::ColumnFamilyDescriptor;
using rocksdb::ColumnFamilyHandle;
using rocksdb::Slice;
using rocksdb::Status;

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << "driver: " << what << std::endl;
  std::exit(1);
}

void Check(const Status& status, const std::string& doing) {
  if (!status.ok()) Fail(doing + ": " + status.ToString());
}

std::string FromHex(const std::string& text) {
  std::string bytes;
  if (text != "-" && !Slice(text).DecodeHex(&bytes)) Fail("not hex: " + text);
  return bytes;
}

std::string ToHex(const Slice& bytes) {
  static const char* const digits = "0123456789abcdef";
  if (bytes.empty()) return "-";
  std::string text;
  text.reserve(2 * bytes.size());
  for (size_t i = 0; i < bytes.size(); i++) {
    const unsigned char byte = static_cast<unsigned char>(bytes[i]);
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

// An open database and its column families; closed when it goes.
class Database {
 public:
  enum class Mode { kReadOnly, kReadWrite };

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { Close(); }

  void Open(const std::string& dir, const rocksdb::DBOptions& options,
            const std::vector<ColumnFamilyDescriptor>& families, Mode mode) {
    const Status status =
        mode == Mode::kReadOnly
            ? rocksdb::DB::OpenForReadOnly(options, dir, families, &families_, &db_)
            : rocksdb::DB::Open(options, dir, families, &families_, &db_);
    Check(status, "open " + dir);
  }

  // With the options of its OPTIONS file and no others: merge operators, comparators and all.
  void OpenAsStored(const std::string& dir, Mode mode) {
    rocksdb::ConfigOptions config;
    config.ignore_unknown_options = false;
    config.ignore_unsupported_options = false;
    rocksdb::DBOptions options;
    std::vector<ColumnFamilyDescriptor> families;
    Check(rocksdb::LoadLatestOptions(config, dir, &options, &families), "load options of " + dir);
    Check(rocksdb::CheckOptionsCompatibility(config, dir, options, families), "compare options");
    Open(dir, options, families, mode);
  }

  void Close() {
    if (db_ == nullptr) return;
    for (ColumnFamilyHandle* handle : families_) {
      Check(db_->DestroyColumnFamilyHandle(handle), "free column family");
    }
    families_.clear();
    Check(db_->Close(), "close");
    delete db_;
    db_ = nullptr;
  }

  rocksdb::DB* operator->() const { return db_; }
  const std::vector<ColumnFamilyHandle*>& families() const { return families_; }

  ColumnFamilyHandle* family(const std::string& name) const {
    for (ColumnFamilyHandle* handle : families_) {
      if (handle->GetName() == name) return handle;
    }
    Fail("no column family " + name);
  }

 private:
  rocksdb::DB* db_ = nullptr;
  std::vector<ColumnFamilyHandle*> families_;
};

// Applies a script.
class Writer {
 public:
  explicit Writer(const std::string& dir) : dir_(dir) {}

  //   db OPTIONS                     options to open with, in RocksDB's own notation,
  //   family NAME OPTIONS            then each column family's, `default` first,
  //   open                           then the opening; without any before it, as stored
  //   batch / commit                 what is between them is written at once
  //   put FAMILY KEY VALUE, merge FAMILY KEY OPERAND, delete FAMILY KEY, single FAMILY KEY,
  //   range FAMILY BEGIN END
  //   entity FAMILY KEY, and a NAME and a VALUE for each column
  //   timedput FAMILY KEY TIMESTAMP VALUE, timeddelete FAMILY KEY TIMESTAMP,
  //   timedrange FAMILY BEGIN TIMESTAMP END; timestamps as bytes
  //   flush FAMILY, compact FAMILY
  //   abandon                        ends the program here and now, with nothing closed
  void Run(std::istream& script) {
    for (std::string line; std::getline(script, line);) {
      std::istringstream words(line);
      std::string command;
      words >> command;
      Apply(command, words);
    }
    db_.Close();
  }

 private:
  void Apply(const std::string& command, std::istream& words) {
    if (command == "db") {
      Check(rocksdb::GetDBOptionsFromString({}, {}, Rest(words), &options_), "database options");
    } else if (command == "family") {
      const std::string name = Word(words);
      rocksdb::ColumnFamilyOptions options;
      Check(rocksdb::GetColumnFamilyOptionsFromString({}, {}, Rest(words), &options),
            "options of " + name);
      descriptors_.emplace_back(name, options);
    } else if (command == "open") {
      constexpr auto mode = Database::Mode::kReadWrite;
      if (descriptors_.empty()) {
        db_.OpenAsStored(dir_, mode);
      } else {
        db_.Open(dir_, options_, descriptors_, mode);
      }
    } else if (command == "batch") {
      batching_ = true;
    } else if (command == "commit") {
      batching_ = false;
      Commit();
    } else if (command == "flush") {
      Check(db_->Flush({}, db_.family(Word(words))), command);
    } else if (command == "compact") {
      Check(db_->CompactRange({}, db_.family(Word(words)), nullptr, nullptr), command);
    } else if (command == "abandon") {
      _exit(0);
    } else {
      Update(command, words);
      if (!batching_) Commit();
    }
  }

  void Update(const std::string& command, std::istream& words) {
    ColumnFamilyHandle* const family = db_.family(Word(words));
    const std::string key = FromHex(Word(words));
    if (command == "put") {
      Check(batch_.Put(family, key, FromHex(Word(words))), command);
    } else if (command == "merge") {
      Check(batch_.Merge(family, key, FromHex(Word(words))), command);
    } else if (command == "delete") {
      Check(batch_.Delete(family, key), command);
    } else if (command == "single") {
      Check(batch_.SingleDelete(family, key), command);
    } else if (command == "range") {
      Check(batch_.DeleteRange(family, key, FromHex(Word(words))), command);
    } else if (command == "entity") {
      std::vector<std::pair<std::string, std::string>> columns;
      for (std::string name; words >> name;) columns.emplace_back(FromHex(name), FromHex(Word(words)));
      rocksdb::WideColumns entity;
      for (const auto& [name, value] : columns) entity.emplace_back(name, value);
      Check(batch_.PutEntity(family, key, entity), command);
    } else if (command == "timedput") {
      const std::string timestamp = FromHex(Word(words));
      Check(batch_.Put(family, key, timestamp, FromHex(Word(words))), command);
    } else if (command == "timeddelete") {
      Check(batch_.Delete(family, key, FromHex(Word(words))), command);
    } else if (command == "timedrange") {
      const std::string timestamp = FromHex(Word(words));
      Check(batch_.DeleteRange(family, key, FromHex(Word(words)), timestamp), command);
    } else {
      Fail("no such command: " + command);
    }
  }

  void Commit() {
    Check(db_->Write({}, &batch_), "write");
    batch_.Clear();
  }

  static std::string Word(std::istream& words) {
    std::string word;
    if (!(words >> word)) Fail("a word is missing");
    return word;
  }

  static std::string Rest(std::istream& words) {
    std::string rest;
    std::getline(words >> std::ws, rest);
    return rest;
  }

  const std::string dir_;
  rocksdb::DBOptions options_;
  std::vector<ColumnFamilyDescriptor> descriptors_;
  Database db_;
  rocksdb::WriteBatch batch_;
  bool batching_ = false;
};

// Applies a script to a database with transactions, as it is stored.
class Transactor {
 public:
  //   policy committed|prepared|unprepared    before the first of the others
  //   begin NAME                              from now on, what follows is in this transaction
  //   put KEY VALUE, merge KEY OPERAND, delete KEY       in the default column family
  //   prepare, commit, rollback               end it
  //   finish NAME commit|rollback             ends one that was recovered
  //   abandon                                 ends the program here and now, with nothing closed
  void Run(const std::string& dir, std::istream& script) {
    for (std::string line; std::getline(script, line);) {
      std::istringstream words(line);
      std::string command, first, second;
      words >> command >> first >> second;
      if (command == "policy") {
        options_.write_policy = first == "prepared"     ? rocksdb::WRITE_PREPARED
                                : first == "unprepared" ? rocksdb::WRITE_UNPREPARED
                                                        : rocksdb::WRITE_COMMITTED;
        continue;
      }
      if (db_ == nullptr) Open(dir);
      Apply(command, first, second);
    }
    transaction_.reset();
    for (ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    Check(db_->Close(), "close");
    delete db_;
  }

 private:
  void Open(const std::string& dir) {
    rocksdb::DBOptions options;
    std::vector<ColumnFamilyDescriptor> families;
    rocksdb::ConfigOptions config;
    Check(rocksdb::LoadLatestOptions(config, dir, &options, &families), "load options of " + dir);
    Check(rocksdb::TransactionDB::Open(options, options_, dir, families, &handles_, &db_), "open");
  }

  void Apply(const std::string& command, const std::string& first, const std::string& second) {
    if (command == "begin") {
      transaction_.reset(db_->BeginTransaction({}));
      Check(transaction_->SetName(first), command);
    } else if (command == "put") {
      Check(transaction_->Put(FromHex(first), FromHex(second)), command);
    } else if (command == "merge") {
      Check(transaction_->Merge(FromHex(first), FromHex(second)), command);
    } else if (command == "delete") {
      Check(transaction_->Delete(FromHex(first)), command);
    } else if (command == "prepare") {
      Check(transaction_->Prepare(), command);
    } else if (command == "commit") {
      Check(transaction_->Commit(), command);
    } else if (command == "rollback") {
      Check(transaction_->Rollback(), command);
    } else if (command == "finish") {
      std::unique_ptr<rocksdb::Transaction> recovered(db_->GetTransactionByName(first));
      if (recovered == nullptr) Fail("there is no transaction " + first);
      Check(second == "commit" ? recovered->Commit() : recovered->Rollback(), command);
    } else if (command == "abandon") {
      _exit(0);
    } else {
      Fail("no such command: " + command);
    }
  }

  rocksdb::TransactionDBOptions options_;
  rocksdb::TransactionDB* db_ = nullptr;
  std::vector<ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::Transaction> transaction_;
};

// Prints a column family, and reads it once more backwards and by key: filters, hash indexes and
// the reverse paths of iterators see every entry too.
void Print(const Database& db, ColumnFamilyHandle* family) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  std::vector<std::pair<std::string, std::string>> entries;
  std::unique_ptr<rocksdb::Iterator> iterator(db->NewIterator(options, family));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    entries.emplace_back(iterator->key().ToString(), iterator->value().ToString());
  }
  Check(iterator->status(), "scan");
  std::printf("family %s\n", family->GetName().c_str());
  for (const auto& [key, value] : entries) {
    std::printf("%s %s\n", ToHex(key).c_str(), ToHex(value).c_str());
    std::string found;
    Check(db->Get({}, family, key, &found), "get");
    if (found != value) Fail("get and scan differ at " + ToHex(key));
  }
  size_t left = entries.size();
  for (iterator->SeekToLast(); iterator->Valid(); iterator->Prev()) {
    if (left == 0) Fail("more entries backwards than forwards");
    const auto& [key, value] = entries[--left];
    if (iterator->key() != key || iterator->value() != value) {
      Fail("backwards differs at " + ToHex(key));
    }
  }
  Check(iterator->status(), "scan backwards");
  if (left != 0) Fail("fewer entries backwards than forwards");
}

// The columns of each entry, and with timestamps each version.
void PrintVersions(const Database& db, ColumnFamilyHandle* family) {
  const size_t size = family->GetComparator()->timestamp_size();
  const std::string first(size, '\0'), last(size, '\xff');
  const Slice from(first), to(last);
  rocksdb::ReadOptions options;
  if (size > 0) {
    options.iter_start_ts = &from;
    options.timestamp = &to;
  }
  std::printf("family %s\n", family->GetName().c_str());
  std::unique_ptr<rocksdb::Iterator> iterator(db->NewIterator(options, family));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    std::string line;
    bool deleted = false;
    if (size > 0) {
      // An internal key: timestamp, and 8 bytes that begin with the type.
      Slice key = iterator->key();
      const unsigned type = static_cast<unsigned char>(key[key.size() - 8]);
      deleted = type == 0x14 || type == 0x7;
      key.remove_suffix(8 + size);
      line = ToHex(key) + " " + ToHex(iterator->timestamp());
    } else {
      line = ToHex(iterator->key()) + " -";
    }
    if (deleted) line += " deleted";
    else {
      for (const auto& column : iterator->columns()) {
        line += " " + ToHex(column.name()) + " " + ToHex(column.value());
      }
    }
    std::printf("%s\n", line.c_str());
  }
  Check(iterator->status(), "scan");
}

void ReadVersions(const std::string& dir) {
  Database db;
  db.OpenAsStored(dir, Database::Mode::kReadOnly);
  Check(db->VerifyChecksum(), "verify checksums");
  for (ColumnFamilyHandle* family : db.families()) PrintVersions(db, family);
}

void Read(const std::string& dir) {
  Database db;
  db.OpenAsStored(dir, Database::Mode::kReadOnly);
  Check(db->VerifyChecksum(), "verify checksums");
  std::printf("sequence %llu\n", static_cast<unsigned long long>(db->GetLatestSequenceNumber()));
  for (ColumnFamilyHandle* family : db.families()) Print(db, family);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::string mode = argc == 3 ? argv[1] : "";
  if (mode == "write") {
    Writer(argv[2]).Run(std::cin);
  } else if (mode == "transact") {
    Transactor().Run(argv[2], std::cin);
  } else if (mode == "read") {
    Read(argv[2]);
  } else if (mode == "versions") {
    ReadVersions(argv[2]);
  } else {
    Fail("usage: driver write|transact|read|versions DIR");
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
