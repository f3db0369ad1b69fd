// Column families as sets of files: exported from one database, imported into others.
#include "rocksdb/utilities/checkpoint.h"
#include "wasm/bindings/contract/files.h"
#include "wasm/bindings/file_metadata.h"
#include "wasm/bindings/options.h"
#include "wasm/bindings/take_up_files.h"
#include "wasm/env/wasi_file_system.h"

using namespace rocksdb_wasm;
using namespace ROCKSDB_NAMESPACE;

struct rdb_exported_files : OwnedObject {
  using OwnedObject::OwnedObject;
  std::unique_ptr<ExportImportFilesMetaData> metadata;
};

namespace {

using Holder = std::unique_ptr<rdb_exported_files, OwnedDeleter<rdb_exported_files>>;

// RocksDB exports tables without the blob files that they refer to, and says nothing.
Status RefuseBlobs(rdb_db* db, ColumnFamilyHandle* handle) {
  Status status = db->db->Flush(FlushOptions(), handle);
  if (!status.ok()) return status;
  ColumnFamilyMetaData family;
  db->db->GetColumnFamilyMetaData(handle, &family);
  if (family.blob_file_count == 0) return Status::OK();
  return Status::NotSupported(
      "the column family has blob files, which an export leaves out: set enableBlobFiles to false "
      "and compact it with blobGarbageCollectionPolicy 'force' first, or take a checkpoint");
}

}  // namespace

rdb_status rdb_exported_files_export(rdb_db* db, rdb_column_family* cf, const uint8_t* path,
                                     uint32_t path_length, rdb_exported_files** out) {
  return Guarded([&]() -> Status {
    Holder holder(NewOwned<rdb_exported_files>(Owner::kExportedFiles));
    // What the database keeps of the work is not the handle's.
    OwnerScope work(Owner::kBackground);
    ColumnFamilyHandle* handle = HandleOf(db, cf);
    Status status = RefuseBlobs(db, handle);
    if (!status.ok()) return status;
    Checkpoint* made = nullptr;
    status = Checkpoint::Create(db->db, &made);
    if (!status.ok()) return status;
    const std::unique_ptr<Checkpoint> checkpoint(made);
    const std::string folder = ToString(path, path_length);
    NewFolder made_folder(folder);
    ExportImportFilesMetaData* metadata = nullptr;
    status = checkpoint->ExportColumnFamily(handle, folder, &metadata);
    const std::unique_ptr<ExportImportFilesMetaData> given(metadata);
    if (status.ok()) status = SyncParentOf(folder);
    if (!status.ok()) return status;
    made_folder.Keep();
    OwnerScope owner(holder->slot());
    holder->metadata = std::make_unique<ExportImportFilesMetaData>(*given);
    *out = holder.release();
    return status;
  });
}

rdb_status rdb_exported_files_create(const uint8_t* packed, rdb_exported_files** out) {
  return Guarded([&]() -> Status {
    Holder holder(NewOwned<rdb_exported_files>(Owner::kExportedFiles));
    OwnerScope owner(holder->slot());
    holder->metadata = std::make_unique<ExportImportFilesMetaData>();
    RecordReader in(packed);
    holder->metadata->db_comparator_name = in.Text();
    const uint32_t count = in.Word();
    for (uint32_t i = 0; i < count; ++i) holder->metadata->files.push_back(UnpackLiveFile(&in));
    *out = holder.release();
    return Status::OK();
  });
}

rdb_status rdb_exported_files_read(rdb_exported_files* files, rdb_slice* out) {
  OwnerScope owner(files->slot());
  return Guarded([&]() -> Status {
    RecordWriter record;
    record.Bytes(files->metadata->db_comparator_name);
    record.Word(static_cast<uint32_t>(files->metadata->files.size()));
    for (const LiveFileMetaData& file : files->metadata->files) {
      // RocksDB leaves these two empty here, and reads the folder from a deprecated field.
      LiveFileMetaData complete = file;
      complete.directory = file.db_path;
      complete.relative_filename = file.name.substr(1);
      PackLiveFile(complete, &record);
    }
    return record.Give(out);
  });
}

void rdb_exported_files_free(rdb_exported_files* files) { DeleteOwned(files); }

rdb_status rdb_exported_files_import(rdb_db* db, rdb_column_family_descriptor* descriptor,
                                     rdb_exported_files** exports, uint32_t count,
                                     uint32_t move_files, rdb_column_family** out) {
  OwnerScope owner(Owner::kColumnFamily);
  return Guarded([&]() -> Status {
    ColumnFamilyOptions options;
    Status status = ParseColumnFamilyOptions(*descriptor, ColumnFamilyOptions(), &options);
    if (!status.ok()) return status;
    std::vector<const ExportImportFilesMetaData*> metadata;
    std::vector<std::string> files;
    for (uint32_t i = 0; i < count; ++i) {
      metadata.push_back(exports[i]->metadata.get());
      for (const LiveFileMetaData& file : exports[i]->metadata->files) {
        files.push_back(file.db_path + file.name);
      }
    }
    status = CheckOperands(Options(db->db->GetDBOptions(), options), files);
    if (!status.ok()) return status;
    ImportColumnFamilyOptions import;
    import.move_files = move_files != 0;
    auto family = std::make_unique<rdb_column_family>();
    status = TakeUpFiles(db, [&]() {
      return db->db->CreateColumnFamilyWithImport(
          options, ToString(ToAddress(descriptor->name), descriptor->name_length), import,
          metadata, &family->handle);
    });
    if (status.ok()) {
      *out = family.release();
    } else if (family->handle != nullptr) {
      // Its options could not be written: undone, and RocksDB leaves the handle to us.
      db->db->DropColumnFamily(family->handle).PermitUncheckedError();
      db->db->DestroyColumnFamilyHandle(family->handle).PermitUncheckedError();
    }
    return status;
  });
}
