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

// With the words of Linux, where there are any that fit: scripts and people look for them.
constexpr Row kRows[] = {
    {__WASI_ERRNO_NOENT, "ENOENT", "No such file or directory", Kind::kNotFound},
    {__WASI_ERRNO_NOSPC, "ENOSPC", "No space left on device", Kind::kNoSpace},
    {__WASI_ERRNO_DQUOT, "EDQUOT", "Disk quota exceeded", Kind::kNoSpace},
    {__WASI_ERRNO_STALE, "ESTALE", "Stale file handle", Kind::kStale},
    {__WASI_ERRNO_ACCES, "EACCES", "Permission denied", Kind::kOther},
    {__WASI_ERRNO_PERM, "EPERM", "Operation not permitted", Kind::kOther},
    {__WASI_ERRNO_NOTCAPABLE, "ENOTCAPABLE", "outside the database's folders", Kind::kOther},
    {__WASI_ERRNO_ROFS, "EROFS", "Read-only file system", Kind::kOther},
    {__WASI_ERRNO_MFILE, "EMFILE", "Too many open files", Kind::kOther},
    {__WASI_ERRNO_NFILE, "ENFILE", "Too many open files in system", Kind::kOther},
    {__WASI_ERRNO_IO, "EIO", "Input/output error", Kind::kOther},
    {__WASI_ERRNO_FBIG, "EFBIG", "File too large", Kind::kOther},
    {__WASI_ERRNO_EXIST, "EEXIST", "File exists", Kind::kOther},
    {__WASI_ERRNO_ISDIR, "EISDIR", "Is a directory", Kind::kOther},
    {__WASI_ERRNO_NOTDIR, "ENOTDIR", "Not a directory", Kind::kOther},
    {__WASI_ERRNO_NOTEMPTY, "ENOTEMPTY", "Directory not empty", Kind::kOther},
    {__WASI_ERRNO_NAMETOOLONG, "ENAMETOOLONG", "File name too long", Kind::kOther},
    {__WASI_ERRNO_LOOP, "ELOOP", "Too many levels of symbolic links", Kind::kOther},
    {__WASI_ERRNO_BUSY, "EBUSY", "Device or resource busy", Kind::kOther},
    {__WASI_ERRNO_AGAIN, "EAGAIN", "held by another opener", Kind::kOther},
    {__WASI_ERRNO_BADF, "EBADF", "Bad file descriptor", Kind::kOther},
    {__WASI_ERRNO_INVAL, "EINVAL", "Invalid argument", Kind::kOther},
    {__WASI_ERRNO_NOMEM, "ENOMEM", "Cannot allocate memory", Kind::kOther},
    {__WASI_ERRNO_NOSYS, "ENOSYS", "not supported by this file system", Kind::kOther},
    {__WASI_ERRNO_NOTSUP, "ENOTSUP", "not supported by this file system", Kind::kOther},
    {__WASI_ERRNO_XDEV, "EXDEV", "Invalid cross-device link", Kind::kOther},
    {__WASI_ERRNO_MLINK, "EMLINK", "Too many links", Kind::kOther},
    {__WASI_ERRNO_TXTBSY, "ETXTBSY", "Text file busy", Kind::kOther},
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
