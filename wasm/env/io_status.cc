#include "wasm/env/io_status.h"

namespace rocksdb_wasm {

using ROCKSDB_NAMESPACE::IOStatus;

namespace {

enum class Kind { kOther, kNotFound, kNoSpace, kStale };

struct Row {
  __wasi_errno_t error;
  const char* name;
  const char* text;
  Kind kind;
};

constexpr Row kRows[] = {
    {__WASI_ERRNO_NOENT, "ENOENT", "no such file or directory", Kind::kNotFound},
    {__WASI_ERRNO_NOSPC, "ENOSPC", "no space left on the device", Kind::kNoSpace},
    {__WASI_ERRNO_DQUOT, "EDQUOT", "disk quota exceeded", Kind::kNoSpace},
    {__WASI_ERRNO_STALE, "ESTALE", "stale file handle", Kind::kStale},
    {__WASI_ERRNO_ACCES, "EACCES", "permission denied", Kind::kOther},
    {__WASI_ERRNO_PERM, "EPERM", "operation not permitted", Kind::kOther},
    {__WASI_ERRNO_NOTCAPABLE, "ENOTCAPABLE", "outside the database's folders", Kind::kOther},
    {__WASI_ERRNO_ROFS, "EROFS", "read-only file system", Kind::kOther},
    {__WASI_ERRNO_MFILE, "EMFILE", "too many open files in the process", Kind::kOther},
    {__WASI_ERRNO_NFILE, "ENFILE", "too many open files in the system", Kind::kOther},
    {__WASI_ERRNO_IO, "EIO", "input/output error", Kind::kOther},
    {__WASI_ERRNO_FBIG, "EFBIG", "file too large", Kind::kOther},
    {__WASI_ERRNO_EXIST, "EEXIST", "file exists", Kind::kOther},
    {__WASI_ERRNO_ISDIR, "EISDIR", "is a directory", Kind::kOther},
    {__WASI_ERRNO_NOTDIR, "ENOTDIR", "not a directory", Kind::kOther},
    {__WASI_ERRNO_NOTEMPTY, "ENOTEMPTY", "directory not empty", Kind::kOther},
    {__WASI_ERRNO_NAMETOOLONG, "ENAMETOOLONG", "name too long", Kind::kOther},
    {__WASI_ERRNO_LOOP, "ELOOP", "too many symbolic links", Kind::kOther},
    {__WASI_ERRNO_BUSY, "EBUSY", "resource busy", Kind::kOther},
    {__WASI_ERRNO_AGAIN, "EAGAIN", "held by another opener", Kind::kOther},
    {__WASI_ERRNO_BADF, "EBADF", "bad file descriptor", Kind::kOther},
    {__WASI_ERRNO_INVAL, "EINVAL", "invalid argument", Kind::kOther},
    {__WASI_ERRNO_NOMEM, "ENOMEM", "out of memory", Kind::kOther},
    {__WASI_ERRNO_NOSYS, "ENOSYS", "not supported by this file system", Kind::kOther},
    {__WASI_ERRNO_NOTSUP, "ENOTSUP", "not supported by this file system", Kind::kOther},
    {__WASI_ERRNO_XDEV, "EXDEV", "across file systems", Kind::kOther},
    {__WASI_ERRNO_MLINK, "EMLINK", "too many links", Kind::kOther},
    {__WASI_ERRNO_TXTBSY, "ETXTBSY", "file busy", Kind::kOther},
};

}  // namespace

IOStatus ToIOStatus(__wasi_errno_t error, const std::string& context, const std::string& path) {
  if (error == __WASI_ERRNO_SUCCESS) return IOStatus::OK();
  const Row* row = nullptr;
  for (const Row& candidate : kRows) {
    if (candidate.error == error) row = &candidate;
  }
  const std::string what = "While " + context + ": " + path;
  const std::string why = row != nullptr ? std::string(row->text) + " [" + row->name + "]"
                                         : "WASI errno " + std::to_string(error) + " [EIO]";
  switch (row != nullptr ? row->kind : Kind::kOther) {
    case Kind::kNotFound:
      return IOStatus::PathNotFound(what, why);
    case Kind::kNoSpace: {
      IOStatus status = IOStatus::NoSpace(what, why);
      status.SetRetryable(true);
      return status;
    }
    case Kind::kStale:
      return IOStatus::IOError(IOStatus::kStaleFile);
    case Kind::kOther:
      break;
  }
  return IOStatus::IOError(what, why);
}

}  // namespace rocksdb_wasm
