#include "wasm/env/wasi_file_system.h"

#include <string.h>

#include <algorithm>

#include "wasm/bindings/host.h"
#include "wasm/env/io_status.h"
#include "wasm/memory/owners.h"
#include "logging/env_logger.h"
#include "rocksdb/env.h"

namespace rocksdb_wasm {

using namespace ROCKSDB_NAMESPACE;

namespace {

constexpr __wasi_fd_t kFirstPreopen = 3;
// The rights of preview1 that files and folders can have. A host that is strict refuses what asks for more than its
// folder may pass on, and opens for writing whatever has one of those that write.
constexpr __wasi_rights_t kAllRights = (__WASI_RIGHTS_SOCK_SHUTDOWN - 1) & ~__WASI_RIGHTS_POLL_FD_READWRITE;
constexpr __wasi_rights_t kWritingRights = __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_ALLOCATE |
                                           __WASI_RIGHTS_FD_FILESTAT_SET_SIZE |
                                           __WASI_RIGHTS_FD_DATASYNC;

struct Location {
  __wasi_fd_t folder;
  std::string path;  // relative to it; "." is the folder itself
};

// Finds the preopened folder that contains `path`, the innermost when they are nested. Folders come and
// go with the databases of an engine, so nothing is kept between calls.
__wasi_errno_t Resolve(const std::string& path, Location* out) {
  if (path.empty()) return __WASI_ERRNO_NOENT;
  size_t best = 0;
  for (__wasi_fd_t fd = kFirstPreopen;; ++fd) {
    __wasi_prestat_t prestat;
    if (__wasi_fd_prestat_get(fd, &prestat) != __WASI_ERRNO_SUCCESS) break;
    std::string folder(prestat.u.dir.pr_name_len, '\0');
    if (folder.empty()) continue;  // given back
    const __wasi_errno_t error = __wasi_fd_prestat_dir_name(
        fd, reinterpret_cast<uint8_t*>(&folder[0]), folder.size());
    if (error != __WASI_ERRNO_SUCCESS) return error;
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    const bool root = folder == "/";
    if (path.compare(0, folder.size(), folder) != 0) continue;
    if (path.size() > folder.size() && !root && path[folder.size()] != '/') continue;
    if (folder.size() < best) continue;
    best = folder.size();
    out->folder = fd;
    size_t begin = std::min(path.size(), folder.size());
    while (begin < path.size() && path[begin] == '/') ++begin;
    out->path = begin < path.size() ? path.substr(begin) : ".";
  }
  return best > 0 ? __WASI_ERRNO_SUCCESS : __WASI_ERRNO_NOTCAPABLE;
}

__wasi_errno_t OpenFile(const std::string& path, __wasi_oflags_t flags, bool write,
                        __wasi_fd_t* fd) {
  Location at;
  if (__wasi_errno_t error = Resolve(path, &at)) return error;
  const __wasi_rights_t rights = write ? kAllRights : kAllRights & ~kWritingRights;
  return __wasi_path_open(at.folder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, at.path.c_str(),
                          at.path.size(), flags, rights, rights, 0, fd);
}

__wasi_errno_t StatPath(const std::string& path, __wasi_filestat_t* stat) {
  Location at;
  if (__wasi_errno_t error = Resolve(path, &at)) return error;
  return __wasi_path_filestat_get(at.folder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, at.path.c_str(),
                                  at.path.size(), stat);
}

// Opens an empty file of this name. One that is there under another name as well (a table that was linked into a database,
// or was being moved there) keeps its bytes under that other name.
__wasi_errno_t CreateFile(const std::string& path, __wasi_fd_t* fd) {
  const __wasi_oflags_t anew = __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL;
  const __wasi_errno_t error = OpenFile(path, anew, true, fd);
  if (error != __WASI_ERRNO_EXIST) return error;
  __wasi_filestat_t stat;
  if (StatPath(path, &stat) == __WASI_ERRNO_SUCCESS && stat.nlink > 1 &&
      stat.filetype == __WASI_FILETYPE_REGULAR_FILE) {
    Location at;
    if (__wasi_errno_t failed = Resolve(path, &at)) return failed;
    if (__wasi_errno_t failed =
            __wasi_path_unlink_file(at.folder, at.path.c_str(), at.path.size())) {
      return failed;
    }
  }
  return OpenFile(path, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC, true, fd);
}

// A descriptor, closed with its holder.
class Descriptor {
 public:
  explicit Descriptor(__wasi_fd_t fd) : fd_(fd), open_(true) {}
  ~Descriptor() { (void)Close(); }
  Descriptor(const Descriptor&) = delete;
  void operator=(const Descriptor&) = delete;

  __wasi_fd_t fd() const { return fd_; }
  __wasi_errno_t Close() {
    if (!open_) return __WASI_ERRNO_SUCCESS;
    open_ = false;
    return __wasi_fd_close(fd_);
  }

  // Reads until `length` or the end of the file.
  __wasi_errno_t ReadAt(uint64_t offset, size_t length, char* into, size_t* read) const {
    *read = 0;
    while (*read < length) {
      __wasi_iovec_t iov = {reinterpret_cast<uint8_t*>(into) + *read, length - *read};
      __wasi_size_t n = 0;
      const __wasi_errno_t error = __wasi_fd_pread(fd_, &iov, 1, offset + *read, &n);
      if (error == __WASI_ERRNO_INTR) continue;
      if (error != __WASI_ERRNO_SUCCESS) return error;
      if (n == 0) break;
      *read += n;
    }
    return __WASI_ERRNO_SUCCESS;
  }

  __wasi_errno_t WriteAt(uint64_t offset, const Slice& data) const {
    size_t done = 0;
    while (done < data.size()) {
      __wasi_ciovec_t iov = {reinterpret_cast<const uint8_t*>(data.data()) + done,
                             data.size() - done};
      __wasi_size_t n = 0;
      const __wasi_errno_t error = __wasi_fd_pwrite(fd_, &iov, 1, offset + done, &n);
      if (error == __WASI_ERRNO_INTR) continue;
      if (error != __WASI_ERRNO_SUCCESS) return error;
      if (n == 0) return __WASI_ERRNO_IO;
      done += n;
    }
    return __WASI_ERRNO_SUCCESS;
  }

 private:
  __wasi_fd_t fd_;
  bool open_;
};

class WasiSequentialFile : public FSSequentialFile {
 public:
  WasiSequentialFile(const std::string& path, __wasi_fd_t fd) : path_(path), file_(fd) {}

  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    size_t read = 0;
    const __wasi_errno_t error = file_.ReadAt(offset_, n, scratch, &read);
    *result = Slice(scratch, read);
    offset_ += read;
    return ToIOStatus(error, "reading", path_);
  }
  IOStatus PositionedRead(uint64_t offset, size_t n, const IOOptions&, Slice* result,
                          char* scratch, IODebugContext*) override {
    size_t read = 0;
    const __wasi_errno_t error = file_.ReadAt(offset, n, scratch, &read);
    *result = Slice(scratch, read);
    return ToIOStatus(error, "reading", path_);
  }
  IOStatus Skip(uint64_t n) override {
    offset_ += n;
    return IOStatus::OK();
  }

 private:
  const std::string path_;
  Descriptor file_;
  uint64_t offset_ = 0;
};

class WasiRandomAccessFile : public FSRandomAccessFile {
 public:
  WasiRandomAccessFile(const std::string& path, __wasi_fd_t fd) : path_(path), file_(fd) {}

  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    if (scratch == nullptr) {
      // A reader that expects mapped memory (PlainTable): the file keeps what it hands out.
      own_.emplace_back(new char[std::max<size_t>(n, 1)]);
      scratch = own_.back().get();
    }
    size_t read = 0;
    const __wasi_errno_t error = file_.ReadAt(offset, n, scratch, &read);
    *result = Slice(scratch, error == __WASI_ERRNO_SUCCESS ? read : 0);
    return ToIOStatus(error, "reading at offset " + std::to_string(offset), path_);
  }

 private:
  const std::string path_;
  Descriptor file_;
  mutable std::vector<std::unique_ptr<char[]>> own_;
};

}  // namespace

class WasiWritableFile : public FSWritableFile {
 public:
  WasiWritableFile(WasiFileSystem* fs, const std::string& path, __wasi_fd_t fd, uint64_t size)
      : fs_(fs),
        path_(path),
        folder_(WasiFileSystem::DirectoryOf(path)),
        file_(fd),
        size_(size),
        log_(IsLog(path)),
        guarded_(!log_ && !IsInfoLog(path)) {
    if (log_) fs_->LogOpened(this);
  }
  ~WasiWritableFile() override {
    if (log_) fs_->LogClosed(this);
  }

  const std::string& folder() const { return folder_; }
  bool unsynced() const { return unsynced_; }

  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    if (Refused()) return Refusal();
    if (log_) {
      IOStatus status = fs_->SyncLogsBefore(this);
      if (!status.ok()) return status;
      unsynced_ = true;
    }
    const __wasi_errno_t error = file_.WriteAt(size_, data);
    if (error != __WASI_ERRNO_SUCCESS) {
      // A part of it may be there (a full disk takes what it has room for). A log that ends in the middle of a record,
      // though others follow it, is damage to a recovery: it would drop what those hold, or refuse to open.
      (void)__wasi_fd_filestat_set_size(file_.fd(), size_);
      return ToIOStatus(error, "appending", path_);
    }
    size_ += data.size();
    return IOStatus::OK();
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice& data, uint64_t offset, const IOOptions&,
                            IODebugContext*) override {
    if (Refused()) return Refusal();
    const __wasi_errno_t error = file_.WriteAt(offset, data);
    if (error != __WASI_ERRNO_SUCCESS) return ToIOStatus(error, "writing", path_);
    size_ = std::max(size_, offset + data.size());
    return IOStatus::OK();
  }
  IOStatus PositionedAppend(const Slice& data, uint64_t offset, const IOOptions& options,
                            const DataVerificationInfo&, IODebugContext* debug) override {
    return PositionedAppend(data, offset, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
    const __wasi_errno_t error = __wasi_fd_filestat_set_size(file_.fd(), size);
    if (error == __WASI_ERRNO_SUCCESS) size_ = size;
    return ToIOStatus(error, "truncating", path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return ToIOStatus(file_.Close(), "closing", path_);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    if (Refused()) return Refusal();
    const __wasi_errno_t error = __wasi_fd_datasync(file_.fd());
    if (error != __WASI_ERRNO_SUCCESS) return ToIOStatus(error, "syncing data", path_);
    unsynced_ = false;
    return fs_->SyncDirectoryOf(path_);
  }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    if (Refused()) return Refusal();
    const __wasi_errno_t error = __wasi_fd_sync(file_.fd());
    if (error != __WASI_ERRNO_SUCCESS) return ToIOStatus(error, "syncing", path_);
    unsynced_ = false;
    return fs_->SyncDirectoryOf(path_);
  }
  bool IsSyncThreadSafe() const override { return true; }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }
  IOStatus InvalidateCache(size_t, size_t) override { return IOStatus::OK(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();  // a hint to start writing out; WASI has none
  }

 private:
  static bool IsLog(const std::string& path) {
    return path.size() > 4 && path.compare(path.size() - 4, 4, ".log") == 0;
  }
  static bool IsInfoLog(const std::string& path) {
    return path.compare(path.rfind('/') + 1, 3, "LOG") == 0;
  }
  bool Refused() const { return guarded_ && callback_state.failing != 0; }
  IOStatus Refusal() const {
    return IOStatus::IOError("not written, because a callback threw", path_);
  }

  WasiFileSystem* const fs_;
  const std::string path_;
  const std::string folder_;
  Descriptor file_;
  uint64_t size_;
  const bool log_;
  bool unsynced_ = false;
  // All but logs: what was made with a comparator that throws would be wrong.
  const bool guarded_;
};

namespace {

class WasiRandomRWFile : public FSRandomRWFile {
 public:
  WasiRandomRWFile(WasiFileSystem* fs, const std::string& path, __wasi_fd_t fd)
      : fs_(fs), path_(path), file_(fd) {}

  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions&, IODebugContext*) override {
    return ToIOStatus(file_.WriteAt(offset, data), "writing", path_);
  }
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    size_t read = 0;
    const __wasi_errno_t error = file_.ReadAt(offset, n, scratch, &read);
    *result = Slice(scratch, read);
    return ToIOStatus(error, "reading", path_);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    const __wasi_errno_t error = __wasi_fd_datasync(file_.fd());
    if (error != __WASI_ERRNO_SUCCESS) return ToIOStatus(error, "syncing data", path_);
    return fs_->SyncDirectoryOf(path_);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return ToIOStatus(file_.Close(), "closing", path_);
  }

 private:
  WasiFileSystem* const fs_;
  const std::string path_;
  Descriptor file_;
};

class WasiDirectory : public FSDirectory {
 public:
  WasiDirectory(WasiFileSystem* fs, const std::string& path, __wasi_fd_t fd)
      : fs_(fs), path_(path), folder_(fd) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const __wasi_errno_t error = __wasi_fd_sync(folder_.fd());
    if (error == __WASI_ERRNO_SUCCESS) fs_->DirectorySynced(path_);
    return ToIOStatus(error, "syncing the directory", path_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override {
    return ToIOStatus(folder_.Close(), "closing the directory", path_);
  }

 private:
  WasiFileSystem* const fs_;
  const std::string path_;
  Descriptor folder_;
};

class WasiFileLock : public FileLock {
 public:
  explicit WasiFileLock(const std::string& path) : path_(path) {}
  const std::string path_;
};

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

std::string WasiFileSystem::DirectoryOf(const std::string& path) {
  const std::string clean = WithoutTrailingSlash(path);
  const size_t slash = clean.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : clean.substr(0, slash);
}

void WasiFileSystem::MarkDirectory(const std::string& path) {
  OwnerScope owner(Owner::kFile);
  if (!dirty_directories_.insert(DirectoryOf(path)).second) return;
  // Folders that are closed to the engine by now (of backups, say) will not be synced any more.
  for (auto next = dirty_directories_.begin(); next != dirty_directories_.end();) {
    Location at;
    next = Resolve(*next, &at) == __WASI_ERRNO_SUCCESS ? std::next(next) : dirty_directories_.erase(next);
  }
}

IOStatus WasiFileSystem::SyncDirectoryOf(const std::string& path) {
  if (dirty_directories_.empty()) return IOStatus::OK();
  const std::string folder = DirectoryOf(path);
  if (dirty_directories_.count(folder) == 0) return IOStatus::OK();
  std::unique_ptr<FSDirectory> directory;
  IOStatus status = NewDirectory(folder, IOOptions(), &directory, nullptr);
  if (status.ok()) status = directory->Fsync(IOOptions(), nullptr);
  return status;
}

void WasiFileSystem::LogClosed(WasiWritableFile* log) {
  logs_.erase(std::find(logs_.begin(), logs_.end(), log));
  if (logs_.empty()) std::vector<WasiWritableFile*>().swap(logs_);
}

IOStatus WasiFileSystem::SyncLogsBefore(const WasiWritableFile* log) {
  for (WasiWritableFile* each : logs_) {
    if (each == log) break;
    if (!each->unsynced() || each->folder() != log->folder()) continue;
    IOStatus status = each->Sync(IOOptions(), nullptr);
    if (!status.ok()) return status;
  }
  return IOStatus::OK();
}

IOStatus WasiFileSystem::NewSequentialFile(const std::string& path, const FileOptions&,
                                           std::unique_ptr<FSSequentialFile>* result,
                                           IODebugContext*) {
  __wasi_fd_t fd;
  if (__wasi_errno_t error = OpenFile(path, 0, false, &fd)) {
    return ToIOStatus(error, "opening a file for sequential reading", path);
  }
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiSequentialFile(path, fd));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions&,
                                             std::unique_ptr<FSRandomAccessFile>* result,
                                             IODebugContext*) {
  __wasi_fd_t fd;
  if (__wasi_errno_t error = OpenFile(path, 0, false, &fd)) {
    return ToIOStatus(error, "opening a file for random reading", path);
  }
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiRandomAccessFile(path, fd));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::NewWritableFile(const std::string& path, const FileOptions&,
                                         std::unique_ptr<FSWritableFile>* result,
                                         IODebugContext*) {
  __wasi_fd_t fd;
  if (__wasi_errno_t error = CreateFile(path, &fd)) {
    return ToIOStatus(error, "opening a file for writing", path);
  }
  MarkDirectory(path);
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiWritableFile(this, path, fd, 0));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::ReopenWritableFile(const std::string& path, const FileOptions&,
                                            std::unique_ptr<FSWritableFile>* result,
                                            IODebugContext*) {
  __wasi_fd_t fd;
  if (__wasi_errno_t error = OpenFile(path, __WASI_OFLAGS_CREAT, true, &fd)) {
    return ToIOStatus(error, "opening a file for appending", path);
  }
  MarkDirectory(path);
  __wasi_filestat_t stat;
  if (__wasi_errno_t error = __wasi_fd_filestat_get(fd, &stat)) {
    (void)__wasi_fd_close(fd);
    return ToIOStatus(error, "reading the size", path);
  }
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiWritableFile(this, path, fd, stat.size));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::ReuseWritableFile(const std::string& path, const std::string& old_path,
                                           const FileOptions&,
                                           std::unique_ptr<FSWritableFile>* result,
                                           IODebugContext*) {
  IOStatus status = RenameFile(old_path, path, IOOptions(), nullptr);
  if (!status.ok()) return status;
  __wasi_fd_t fd;
  if (__wasi_errno_t error = OpenFile(path, 0, true, &fd)) {
    return ToIOStatus(error, "opening a file for reuse", path);
  }
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiWritableFile(this, path, fd, 0));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::NewRandomRWFile(const std::string& path, const FileOptions&,
                                         std::unique_ptr<FSRandomRWFile>* result,
                                         IODebugContext*) {
  __wasi_fd_t fd;
  if (__wasi_errno_t error = OpenFile(path, 0, true, &fd)) {
    return ToIOStatus(error, "opening a file for reading and writing", path);
  }
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiRandomRWFile(this, path, fd));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::NewDirectory(const std::string& path, const IOOptions&,
                                      std::unique_ptr<FSDirectory>* result, IODebugContext*) {
  const std::string clean = WithoutTrailingSlash(path);
  __wasi_fd_t fd;
  if (__wasi_errno_t error = OpenFile(clean, __WASI_OFLAGS_DIRECTORY, false, &fd)) {
    return ToIOStatus(error, "opening the directory", path);
  }
  OwnerScope owner(Owner::kFile);
  result->reset(new WasiDirectory(this, clean, fd));
  return IOStatus::OK();
}

IOStatus WasiFileSystem::FileExists(const std::string& path, const IOOptions&, IODebugContext*) {
  __wasi_filestat_t stat;
  const __wasi_errno_t error = StatPath(path, &stat);
  if (error == __WASI_ERRNO_NOENT || error == __WASI_ERRNO_NOTDIR) return IOStatus::NotFound();
  return ToIOStatus(error, "looking for", path);
}

IOStatus WasiFileSystem::GetChildren(const std::string& path, const IOOptions&,
                                     std::vector<std::string>* result, IODebugContext*) {
  result->clear();
  __wasi_fd_t fd;
  if (__wasi_errno_t error =
          OpenFile(WithoutTrailingSlash(path), __WASI_OFLAGS_DIRECTORY, false, &fd)) {
    const IOStatus status = ToIOStatus(error, "opening the directory", path);
    // As RocksDB's own file systems tell it.
    const bool nothing = error == __WASI_ERRNO_NOENT || error == __WASI_ERRNO_NOTDIR;
    return nothing ? IOStatus::NotFound(status.getState()) : status;
  }
  Descriptor folder(fd);
  std::vector<uint8_t> buffer(4096);
  __wasi_dircookie_t cookie = __WASI_DIRCOOKIE_START;
  for (;;) {
    __wasi_size_t used = 0;
    if (__wasi_errno_t error =
            __wasi_fd_readdir(fd, buffer.data(), buffer.size(), cookie, &used)) {
      return ToIOStatus(error, "reading the directory", path);
    }
    size_t at = 0;
    bool progress = false;
    while (at + sizeof(__wasi_dirent_t) <= used) {
      __wasi_dirent_t entry;
      memcpy(&entry, buffer.data() + at, sizeof(entry));
      const size_t name_at = at + sizeof(entry);
      if (name_at + entry.d_namlen > used) break;  // cut off: comes again from the cookie
      std::string name(reinterpret_cast<char*>(buffer.data()) + name_at, entry.d_namlen);
      if (name != "." && name != "..") result->push_back(std::move(name));
      cookie = entry.d_next;
      at = name_at + entry.d_namlen;
      progress = true;
    }
    if (used < buffer.size()) return IOStatus::OK();
    if (!progress) buffer.resize(buffer.size() * 2);
  }
}

IOStatus WasiFileSystem::DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) {
  if (DeferredDeletions::Defer(path)) return IOStatus::OK();
  Location at;
  __wasi_errno_t error = Resolve(path, &at);
  if (error == __WASI_ERRNO_SUCCESS) {
    error = __wasi_path_unlink_file(at.folder, at.path.c_str(), at.path.size());
  }
  if (error == __WASI_ERRNO_SUCCESS) MarkDirectory(path);
  return ToIOStatus(error, "deleting", path);
}

IOStatus WasiFileSystem::Truncate(const std::string& path, size_t size, const IOOptions&,
                                  IODebugContext*) {
  __wasi_fd_t fd;
  __wasi_errno_t error = OpenFile(path, 0, true, &fd);
  if (error == __WASI_ERRNO_SUCCESS) {
    Descriptor file(fd);
    error = __wasi_fd_filestat_set_size(fd, size);
  }
  return ToIOStatus(error, "truncating", path);
}

IOStatus WasiFileSystem::CreateDir(const std::string& path, const IOOptions&, IODebugContext*) {
  Location at;
  __wasi_errno_t error = Resolve(WithoutTrailingSlash(path), &at);
  if (error == __WASI_ERRNO_SUCCESS) {
    error = __wasi_path_create_directory(at.folder, at.path.c_str(), at.path.size());
  }
  if (error == __WASI_ERRNO_SUCCESS) MarkDirectory(path);
  return ToIOStatus(error, "creating the directory", path);
}

IOStatus WasiFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                            IODebugContext* debug) {
  const std::string folder = WithoutTrailingSlash(path);
  __wasi_filestat_t stat;
  if (StatPath(folder, &stat) != __WASI_ERRNO_SUCCESS) {
    IOStatus created = CreateDir(path, options, debug);
    // Unless another process has made it since the look: several may create a database at once.
    if (created.ok() || StatPath(folder, &stat) != __WASI_ERRNO_SUCCESS) return created;
    MarkDirectory(path);
  }
  return stat.filetype == __WASI_FILETYPE_DIRECTORY
             ? IOStatus::OK()
             : ToIOStatus(__WASI_ERRNO_NOTDIR, "creating the directory", path);
}

IOStatus WasiFileSystem::DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) {
  Location at;
  __wasi_errno_t error = Resolve(WithoutTrailingSlash(path), &at);
  if (error == __WASI_ERRNO_SUCCESS) {
    error = __wasi_path_remove_directory(at.folder, at.path.c_str(), at.path.size());
  }
  if (error == __WASI_ERRNO_SUCCESS) {
    MarkDirectory(path);
    dirty_directories_.erase(WithoutTrailingSlash(path));
  }
  return ToIOStatus(error, "removing the directory", path);
}

IOStatus WasiFileSystem::GetFileSize(const std::string& path, const IOOptions&, uint64_t* size,
                                     IODebugContext*) {
  __wasi_filestat_t stat;
  const __wasi_errno_t error = StatPath(path, &stat);
  *size = error == __WASI_ERRNO_SUCCESS ? stat.size : 0;
  return ToIOStatus(error, "reading the size", path);
}

IOStatus WasiFileSystem::GetFileModificationTime(const std::string& path, const IOOptions&,
                                                 uint64_t* seconds, IODebugContext*) {
  __wasi_filestat_t stat;
  const __wasi_errno_t error = StatPath(path, &stat);
  if (error == __WASI_ERRNO_SUCCESS) *seconds = stat.mtim / 1000000000u;
  return ToIOStatus(error, "reading the modification time", path);
}

IOStatus WasiFileSystem::RenameFile(const std::string& from, const std::string& to,
                                    const IOOptions&, IODebugContext*) {
  Location source, target;
  __wasi_errno_t error = Resolve(from, &source);
  if (error == __WASI_ERRNO_SUCCESS) error = Resolve(to, &target);
  if (error == __WASI_ERRNO_SUCCESS) {
    error = __wasi_path_rename(source.folder, source.path.c_str(), source.path.size(),
                               target.folder, target.path.c_str(), target.path.size());
  }
  if (error == __WASI_ERRNO_SUCCESS) {
    MarkDirectory(from);
    MarkDirectory(to);
    // A folder takes along what it has that is not synced.
    if (dirty_directories_.erase(WithoutTrailingSlash(from)) > 0) {
      OwnerScope owner(Owner::kFile);
      dirty_directories_.insert(WithoutTrailingSlash(to));
    }
  }
  return ToIOStatus(error, "renaming to " + to, from);
}

IOStatus WasiFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                                  IODebugContext*) {
  Location source, target;
  __wasi_errno_t error = Resolve(from, &source);
  if (error == __WASI_ERRNO_SUCCESS) error = Resolve(to, &target);
  if (error == __WASI_ERRNO_SUCCESS) {
    error = __wasi_path_link(source.folder, 0, source.path.c_str(), source.path.size(),
                             target.folder, target.path.c_str(), target.path.size());
  }
  if (error == __WASI_ERRNO_SUCCESS) MarkDirectory(to);
  // RocksDB copies instead where files cannot be linked.
  if (error == __WASI_ERRNO_XDEV || error == __WASI_ERRNO_NOTSUP || error == __WASI_ERRNO_NOSYS) {
    return IOStatus::NotSupported("hard links", to);
  }
  return ToIOStatus(error, "linking to " + to, from);
}

IOStatus WasiFileSystem::NumFileLinks(const std::string& path, const IOOptions&, uint64_t* count,
                                      IODebugContext*) {
  __wasi_filestat_t stat;
  const __wasi_errno_t error = StatPath(path, &stat);
  if (error == __WASI_ERRNO_SUCCESS) *count = stat.nlink;
  return ToIOStatus(error, "counting the links", path);
}

IOStatus WasiFileSystem::AreFilesSame(const std::string& first, const std::string& second,
                                      const IOOptions&, bool* same, IODebugContext*) {
  __wasi_filestat_t a, b;
  __wasi_errno_t error = StatPath(first, &a);
  if (error == __WASI_ERRNO_SUCCESS) error = StatPath(second, &b);
  if (error == __WASI_ERRNO_SUCCESS) *same = a.dev == b.dev && a.ino == b.ino;
  return ToIOStatus(error, "comparing with " + second, first);
}

IOStatus WasiFileSystem::LockFile(const std::string& path, const IOOptions&, FileLock** lock,
                                  IODebugContext*) {
  *lock = nullptr;
  // Made where it is missing, never opened otherwise: a process that closes a file gives up all the fcntl locks
  // that it has on it, also those of a native library beside us.
  __wasi_fd_t fd;
  __wasi_errno_t error = OpenFile(path, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, true, &fd);
  if (error == __WASI_ERRNO_SUCCESS) {
    Descriptor made(fd);
  } else if (error != __WASI_ERRNO_EXIST) {
    return ToIOStatus(error, "making the lock file", path);
  }
  error = static_cast<__wasi_errno_t>(rocksdb_host_lock_file(path.data(), path.size()));
  if (error != __WASI_ERRNO_SUCCESS) return ToIOStatus(error, "taking the lock of", path);
  OwnerScope owner(Owner::kFile);
  *lock = new WasiFileLock(path);
  return IOStatus::OK();
}

IOStatus WasiFileSystem::UnlockFile(FileLock* lock, const IOOptions&, IODebugContext*) {
  std::unique_ptr<WasiFileLock> held(static_cast<WasiFileLock*>(lock));
  const std::string& path = held->path_;
  return ToIOStatus(static_cast<__wasi_errno_t>(rocksdb_host_unlock_file(path.data(), path.size())),
                    "unlocking", path);
}

IOStatus WasiFileSystem::GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) {
  const char* folder = getenv("TEST_TMPDIR");
  *path = folder != nullptr ? folder : "/rocksdbtest";
  return IOStatus::OK();
}

IOStatus WasiFileSystem::NewLogger(const std::string& path, const IOOptions& options,
                                   std::shared_ptr<Logger>* result, IODebugContext* debug) {
  FileOptions file_options;
  file_options.io_options = options;
  file_options.writable_file_max_buffer_size = 64 * 1024;
  std::unique_ptr<FSWritableFile> file;
  IOStatus status = NewWritableFile(path, file_options, &file, debug);
  if (!status.ok()) return status;
  *result = std::make_shared<EnvLogger>(std::move(file), path, file_options, Env::Default());
  return IOStatus::OK();
}

IOStatus WasiFileSystem::GetAbsolutePath(const std::string& path, const IOOptions&,
                                         std::string* result, IODebugContext*) {
  *result = !path.empty() && path[0] == '/' ? path : "/" + path;
  return IOStatus::OK();
}

// WASI cannot tell. RocksDB asks only to decide whether to try again after a full disk: let it try.
IOStatus WasiFileSystem::GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes,
                                      IODebugContext*) {
  *bytes = UINT64_MAX;
  return IOStatus::OK();
}

IOStatus WasiFileSystem::IsDirectory(const std::string& path, const IOOptions&, bool* is_directory,
                                     IODebugContext*) {
  __wasi_filestat_t stat;
  const __wasi_errno_t error = StatPath(WithoutTrailingSlash(path), &stat);
  if (error == __WASI_ERRNO_SUCCESS) *is_directory = stat.filetype == __WASI_FILETYPE_DIRECTORY;
  return ToIOStatus(error, "looking at", path);
}

IOStatus SyncParentOf(const std::string& path) {
  std::unique_ptr<FSDirectory> directory;
  IOStatus status = FileSystem::Default()->NewDirectory(WasiFileSystem::DirectoryOf(path), IOOptions(),
                                                        &directory, nullptr);
  if (status.ok()) status = directory->Fsync(IOOptions(), nullptr);
  return status;
}

namespace {
std::vector<std::string>* deferred = nullptr;
}

DeferredDeletions::DeferredDeletions() { deferred = &paths_; }

DeferredDeletions::~DeferredDeletions() {
  deferred = nullptr;
  for (const std::string& path : paths_) Env::Default()->DeleteFile(path).PermitUncheckedError();
}

bool DeferredDeletions::Defer(const std::string& path) {
  if (deferred == nullptr || path.size() < 4 || path.compare(path.size() - 4, 4, ".sst") != 0) {
    return false;
  }
  deferred->push_back(path);
  return true;
}

NewFolder::NewFolder(const std::string& path)
    // What cannot be looked at is not ours to remove.
    : path_(path), keep_(!Env::Default()->FileExists(path).IsNotFound()) {}

NewFolder::~NewFolder() {
  if (keep_) return;
  Env* env = Env::Default();
  std::vector<std::string> names;
  env->GetChildren(path_, &names).PermitUncheckedError();
  for (const std::string& name : names) env->DeleteFile(path_ + "/" + name).PermitUncheckedError();
  env->DeleteDir(path_).PermitUncheckedError();
}

}  // namespace rocksdb_wasm
