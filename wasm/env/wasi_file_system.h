// rocksdb::FileSystem over wasi_snapshot_preview1. Paths are the host's absolute paths; each is opened
// relative to the preopened folder that contains it, and refused when none does.
#pragma once

#include <wasi/api.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"
#include "wasm/memory/owners.h"

namespace rocksdb_wasm {

class WasiWritableFile;

class WasiFileSystem : public ROCKSDB_NAMESPACE::FileSystem {
 public:
  using IOStatus = ROCKSDB_NAMESPACE::IOStatus;
  using IOOptions = ROCKSDB_NAMESPACE::IOOptions;
  using IODebugContext = ROCKSDB_NAMESPACE::IODebugContext;
  using FileOptions = ROCKSDB_NAMESPACE::FileOptions;

  static const char* kClassName() { return "WasiFileSystem"; }
  const char* Name() const override { return kClassName(); }
  const char* NickName() const override { return kDefaultName(); }
  bool IsInstanceOf(const std::string& name) const override {
    // OPTIONS files written by native RocksDB name its default file system.
    return name == "PosixFileSystem" || name == "posix" || FileSystem::IsInstanceOf(name);
  }

  IOStatus NewSequentialFile(const std::string&, const FileOptions&,
                             std::unique_ptr<ROCKSDB_NAMESPACE::FSSequentialFile>*,
                             IODebugContext*) override;
  IOStatus NewRandomAccessFile(const std::string&, const FileOptions&,
                               std::unique_ptr<ROCKSDB_NAMESPACE::FSRandomAccessFile>*,
                               IODebugContext*) override;
  IOStatus NewWritableFile(const std::string&, const FileOptions&,
                           std::unique_ptr<ROCKSDB_NAMESPACE::FSWritableFile>*,
                           IODebugContext*) override;
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&,
                              std::unique_ptr<ROCKSDB_NAMESPACE::FSWritableFile>*,
                              IODebugContext*) override;
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<ROCKSDB_NAMESPACE::FSWritableFile>*,
                             IODebugContext*) override;
  IOStatus NewRandomRWFile(const std::string&, const FileOptions&,
                           std::unique_ptr<ROCKSDB_NAMESPACE::FSRandomRWFile>*,
                           IODebugContext*) override;
  IOStatus NewDirectory(const std::string&, const IOOptions&,
                        std::unique_ptr<ROCKSDB_NAMESPACE::FSDirectory>*,
                        IODebugContext*) override;
  IOStatus FileExists(const std::string&, const IOOptions&, IODebugContext*) override;
  IOStatus GetChildren(const std::string&, const IOOptions&, std::vector<std::string>*,
                       IODebugContext*) override;
  IOStatus DeleteFile(const std::string&, const IOOptions&, IODebugContext*) override;
  IOStatus Truncate(const std::string&, size_t, const IOOptions&, IODebugContext*) override;
  IOStatus CreateDir(const std::string&, const IOOptions&, IODebugContext*) override;
  IOStatus CreateDirIfMissing(const std::string&, const IOOptions&, IODebugContext*) override;
  IOStatus DeleteDir(const std::string&, const IOOptions&, IODebugContext*) override;
  IOStatus GetFileSize(const std::string&, const IOOptions&, uint64_t*, IODebugContext*) override;
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t*,
                                   IODebugContext*) override;
  IOStatus RenameFile(const std::string&, const std::string&, const IOOptions&,
                      IODebugContext*) override;
  IOStatus LinkFile(const std::string&, const std::string&, const IOOptions&,
                    IODebugContext*) override;
  IOStatus NumFileLinks(const std::string&, const IOOptions&, uint64_t*, IODebugContext*) override;
  IOStatus AreFilesSame(const std::string&, const std::string&, const IOOptions&, bool*,
                        IODebugContext*) override;
  IOStatus LockFile(const std::string&, const IOOptions&, ROCKSDB_NAMESPACE::FileLock**,
                    IODebugContext*) override;
  IOStatus UnlockFile(ROCKSDB_NAMESPACE::FileLock*, const IOOptions&, IODebugContext*) override;
  IOStatus GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) override;
  IOStatus NewLogger(const std::string&, const IOOptions&,
                     std::shared_ptr<ROCKSDB_NAMESPACE::Logger>*, IODebugContext*) override;
  IOStatus GetAbsolutePath(const std::string&, const IOOptions&, std::string*,
                           IODebugContext*) override;
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t*, IODebugContext*) override;
  IOStatus IsDirectory(const std::string&, const IOOptions&, bool*, IODebugContext*) override;
  void SupportedOps(int64_t& ops) override { ops = 0; }

  // Folders whose entries have changed since their last fsync. A file's Sync() also syncs its folder when
  // it is among them, so that what was synced can be found after a power cut.
  void MarkDirectory(const std::string& path);
  IOStatus SyncDirectoryOf(const std::string& path);
  void DirectorySynced(const std::string& directory) { dirty_directories_.erase(directory); }

  // Logs that are open for writing, oldest first. RocksDB begins a new log without syncing the one before, unless
  // there are several column families: a power cut could then lose the end of the old one and keep the
  // new one, and recovery, which sees no damage, would bring back writes without those before them.
  void LogOpened(WasiWritableFile* log) { logs_.push_back(log); }
  void LogClosed(WasiWritableFile* log);
  // Syncs those in the same folder that are older than `log` and have what is not synced.
  IOStatus SyncLogsBefore(const WasiWritableFile* log);

  static std::string DirectoryOf(const std::string& path);

 private:
  std::set<std::string> dirty_directories_;
  std::vector<WasiWritableFile*> logs_;
};

// Syncs the folder that holds `path`, which RocksDB does not do for the folders that it makes.
ROCKSDB_NAMESPACE::IOStatus SyncParentOf(const std::string& path);

// While one lives, tables are not deleted; they are when it ends, unless they are kept.
class DeferredDeletions {
 public:
  DeferredDeletions();
  ~DeferredDeletions();
  void Keep() { paths_.clear(); }
  // False: nothing defers.
  static bool Defer(const std::string& path);

 private:
  std::vector<std::string> paths_;
};

// A folder that a call makes: unless it is kept, and was not there before, it goes again with all its files.
class NewFolder {
 public:
  explicit NewFolder(const std::string& path);
  ~NewFolder();
  void Keep() { keep_ = true; }

 private:
  const std::string path_;
  bool keep_;
};

}  // namespace rocksdb_wasm
