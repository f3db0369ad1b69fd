// A listener of the host's: each event becomes plain data, and reaches the host as it happens. What the host
// does then is its own affair: src/native/event-queue.ts.
#include "rocksdb/listener.h"

#include "rocksdb/db.h"
#include "wasm/bindings/contract/events.h"
#include "wasm/bindings/host.h"
#include "wasm/bindings/host_objects.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/plain.h"
#include "wasm/bindings/table_properties.h"

using namespace ROCKSDB_NAMESPACE;

namespace rocksdb_wasm {

namespace {

void WriteBlobAdditions(const std::vector<BlobFileAdditionInfo>& infos, Plain* out) {
  out->Name("blobFileAdditionInfos").Array([&] {
    for (const BlobFileAdditionInfo& info : infos) {
      out->Object([&] {
        out->Text("blobFilePath", info.blob_file_path);
        out->Number("blobFileNumber", info.blob_file_number);
        out->Number("totalBlobCount", info.total_blob_count);
        out->Number("totalBlobBytes", info.total_blob_bytes);
      });
    }
  });
}

void WriteFlush(DB* db, const FlushJobInfo& info, Plain* out) {
  out->Text("dbName", db->GetName());
  out->Number("columnFamilyId", info.cf_id);
  out->Text("columnFamilyName", info.cf_name);
  out->Text("filePath", info.file_path);
  out->Number("fileNumber", info.file_number);
  out->Number("oldestBlobFileNumber", info.oldest_blob_file_number);
  out->Number("threadId", info.thread_id);
  out->Number("jobId", info.job_id);
  out->Bool("triggeredWritesSlowdown", info.triggered_writes_slowdown);
  out->Bool("triggeredWritesStop", info.triggered_writes_stop);
  out->Big("smallestSeqno", info.smallest_seqno);
  out->Big("largestSeqno", info.largest_seqno);
  out->Name("tableProperties");
  WriteTableProperties(info.table_properties, out);
  out->Number("flushReason", static_cast<int>(info.flush_reason));
  out->Number("blobCompressionType", info.blob_compression_type);
  WriteBlobAdditions(info.blob_file_addition_infos, out);
}

void WriteJobStats(const CompactionJobStats& stats, Plain* out) {
  out->Name("stats").Object([&] {
    out->Number("elapsedMicros", stats.elapsed_micros);
    out->Number("cpuMicros", stats.cpu_micros);
    out->Bool("hasNumInputRecords", stats.has_num_input_records);
    out->Number("numInputRecords", stats.num_input_records);
    out->Number("numBlobsRead", stats.num_blobs_read);
    out->Number("numInputFiles", stats.num_input_files);
    out->Number("numInputFilesAtOutputLevel", stats.num_input_files_at_output_level);
    out->Number("numFilteredInputFiles", stats.num_filtered_input_files);
    out->Number("numFilteredInputFilesAtOutputLevel",
                stats.num_filtered_input_files_at_output_level);
    out->Number("numOutputRecords", stats.num_output_records);
    out->Number("numOutputFiles", stats.num_output_files);
    out->Number("numOutputFilesBlob", stats.num_output_files_blob);
    out->Bool("isFullCompaction", stats.is_full_compaction);
    out->Bool("isManualCompaction", stats.is_manual_compaction);
    out->Bool("isRemoteCompaction", stats.is_remote_compaction);
    out->Number("totalInputBytes", stats.total_input_bytes);
    out->Number("totalBlobBytesRead", stats.total_blob_bytes_read);
    out->Number("totalOutputBytes", stats.total_output_bytes);
    out->Number("totalOutputBytesBlob", stats.total_output_bytes_blob);
    out->Number("totalSkippedInputBytes", stats.total_skipped_input_bytes);
    out->Number("numRecordsReplaced", stats.num_records_replaced);
    out->Number("totalInputRawKeyBytes", stats.total_input_raw_key_bytes);
    out->Number("totalInputRawValueBytes", stats.total_input_raw_value_bytes);
    out->Number("numInputDeletionRecords", stats.num_input_deletion_records);
    out->Number("numExpiredDeletionRecords", stats.num_expired_deletion_records);
    out->Number("numCorruptKeys", stats.num_corrupt_keys);
    out->Number("fileWriteNanos", stats.file_write_nanos);
    out->Number("fileRangeSyncNanos", stats.file_range_sync_nanos);
    out->Number("fileFsyncNanos", stats.file_fsync_nanos);
    out->Number("filePrepareWriteNanos", stats.file_prepare_write_nanos);
    out->Bytes("smallestOutputKeyPrefix", stats.smallest_output_key_prefix);
    out->Bytes("largestOutputKeyPrefix", stats.largest_output_key_prefix);
    out->Number("numSingleDelFallthru", stats.num_single_del_fallthru);
    out->Number("numSingleDelMismatch", stats.num_single_del_mismatch);
  });
}

// What the infos of compactions and of subcompactions have in common.
template <typename Info>
void WriteCompactionCommon(const Info& info, Plain* out) {
  out->Number("columnFamilyId", info.cf_id);
  out->Text("columnFamilyName", info.cf_name);
  out->Status("status", info.status);
  out->Number("threadId", info.thread_id);
  out->Number("jobId", info.job_id);
  out->Number("baseInputLevel", info.base_input_level);
  out->Number("outputLevel", info.output_level);
  out->Number("compactionReason", static_cast<int>(info.compaction_reason));
  out->Number("compression", info.compression);
  out->Number("blobCompressionType", info.blob_compression_type);
  WriteJobStats(info.stats, out);
}

void WriteCompactionFiles(const char* name, const std::vector<std::string>& paths,
                          const std::vector<CompactionFileInfo>& infos,
                          const TablePropertiesCollection& properties, Plain* out) {
  out->Name(name).Array([&] {
    for (size_t i = 0; i < paths.size(); ++i) {
      out->Object([&] {
        out->Text("filePath", paths[i]);
        if (i < infos.size()) {
          out->Number("level", infos[i].level);
          out->Number("fileNumber", infos[i].file_number);
          out->Number("oldestBlobFileNumber", infos[i].oldest_blob_file_number);
        }
        const auto found = properties.find(paths[i]);
        if (found == properties.end() || found->second == nullptr) return;
        out->Name("tableProperties");
        WriteTableProperties(*found->second, out);
      });
    }
  });
}

void WriteCompaction(DB* db, const CompactionJobInfo& info, Plain* out) {
  out->Text("dbName", db->GetName());
  WriteCompactionCommon(info, out);
  WriteCompactionFiles("inputFiles", info.input_files, info.input_file_infos,
                       info.table_properties, out);
  WriteCompactionFiles("outputFiles", info.output_files, info.output_file_infos,
                       info.table_properties, out);
  WriteBlobAdditions(info.blob_file_addition_infos, out);
  out->Name("blobFileGarbageInfos").Array([&] {
    for (const BlobFileGarbageInfo& garbage : info.blob_file_garbage_infos) {
      out->Object([&] {
        out->Text("blobFilePath", garbage.blob_file_path);
        out->Number("blobFileNumber", garbage.blob_file_number);
        out->Number("garbageBlobCount", garbage.garbage_blob_count);
        out->Number("garbageBlobBytes", garbage.garbage_blob_bytes);
      });
    }
  });
}

void WriteSubcompaction(const SubcompactionJobInfo& info, Plain* out) {
  WriteCompactionCommon(info, out);
  out->Number("subcompactionJobId", info.subcompaction_job_id);
}

template <typename Info>
void WriteFileCreation(const Info& info, Plain* out) {
  out->Text("dbName", info.db_name);
  out->Text("columnFamilyName", info.cf_name);
  out->Text("filePath", info.file_path);
  out->Number("jobId", info.job_id);
  out->Number("reason", static_cast<int>(info.reason));
}

template <typename Info>
void WriteFileCreated(const Info& info, Plain* out) {
  WriteFileCreation(info, out);
  out->Status("status", info.status);
  out->Bytes("fileChecksum", info.file_checksum);
  out->Text("fileChecksumFuncName", info.file_checksum_func_name);
}

void WriteFileDeletion(const FileDeletionInfo& info, Plain* out) {
  out->Text("dbName", info.db_name);
  out->Text("filePath", info.file_path);
  out->Number("jobId", info.job_id);
  out->Status("status", info.status);
}

class HostListener : public EventListener {
 public:
  explicit HostListener(uint32_t callback) : host_(callback) {
    rdb_listener_wants wants = {0};
    if (host_.Call(kListenerDescribe, &wants)) wants_ = wants.events;
  }

  void OnFlushBegin(DB* db, const FlushJobInfo& info) override {
    Tell(kEventFlushBegin, [&](Plain* out) { WriteFlush(db, info, out); });
  }
  void OnFlushCompleted(DB* db, const FlushJobInfo& info) override {
    Tell(kEventFlushCompleted, [&](Plain* out) { WriteFlush(db, info, out); });
  }
  void OnManualFlushScheduled(DB* db, const std::vector<ManualFlushInfo>& infos) override {
    Tell(kEventManualFlushScheduled, [&](Plain* out) {
      out->Text("dbName", db->GetName());
      out->Name("flushes").Array([&] {
        for (const ManualFlushInfo& info : infos) {
          out->Object([&] {
            out->Number("columnFamilyId", info.cf_id);
            out->Text("columnFamilyName", info.cf_name);
            out->Number("flushReason", static_cast<int>(info.flush_reason));
          });
        }
      });
    });
  }
  void OnCompactionBegin(DB* db, const CompactionJobInfo& info) override {
    Tell(kEventCompactionBegin, [&](Plain* out) { WriteCompaction(db, info, out); });
  }
  void OnCompactionCompleted(DB* db, const CompactionJobInfo& info) override {
    Tell(kEventCompactionCompleted, [&](Plain* out) { WriteCompaction(db, info, out); });
  }
  void OnSubcompactionBegin(const SubcompactionJobInfo& info) override {
    Tell(kEventSubcompactionBegin, [&](Plain* out) { WriteSubcompaction(info, out); });
  }
  void OnSubcompactionCompleted(const SubcompactionJobInfo& info) override {
    Tell(kEventSubcompactionCompleted, [&](Plain* out) { WriteSubcompaction(info, out); });
  }
  void OnTableFileCreationStarted(const TableFileCreationBriefInfo& info) override {
    Tell(kEventTableFileCreationStarted, [&](Plain* out) { WriteFileCreation(info, out); });
  }
  void OnTableFileCreated(const TableFileCreationInfo& info) override {
    Tell(kEventTableFileCreated, [&](Plain* out) {
      WriteFileCreated(info, out);
      out->Number("fileSize", info.file_size);
      out->Name("tableProperties");
      WriteTableProperties(info.table_properties, out);
    });
  }
  void OnTableFileDeleted(const TableFileDeletionInfo& info) override {
    Tell(kEventTableFileDeleted, [&](Plain* out) { WriteFileDeletion(info, out); });
  }
  void OnBlobFileCreationStarted(const BlobFileCreationBriefInfo& info) override {
    Tell(kEventBlobFileCreationStarted, [&](Plain* out) { WriteFileCreation(info, out); });
  }
  void OnBlobFileCreated(const BlobFileCreationInfo& info) override {
    Tell(kEventBlobFileCreated, [&](Plain* out) {
      WriteFileCreated(info, out);
      out->Number("totalBlobCount", info.total_blob_count);
      out->Number("totalBlobBytes", info.total_blob_bytes);
    });
  }
  void OnBlobFileDeleted(const BlobFileDeletionInfo& info) override {
    Tell(kEventBlobFileDeleted, [&](Plain* out) { WriteFileDeletion(info, out); });
  }
  void OnMemTableSealed(const MemTableInfo& info) override {
    Tell(kEventMemTableSealed, [&](Plain* out) {
      out->Text("columnFamilyName", info.cf_name);
      out->Big("firstSeqno", info.first_seqno);
      out->Big("earliestSeqno", info.earliest_seqno);
      out->Number("numEntries", info.num_entries);
      out->Number("numDeletes", info.num_deletes);
      out->Bytes("newestUdt", info.newest_udt);
    });
  }
  void OnColumnFamilyHandleDeletionStarted(ColumnFamilyHandle* handle) override {
    Tell(kEventColumnFamilyHandleDeletionStarted, [&](Plain* out) {
      out->Number("columnFamilyId", handle->GetID());
      out->Text("columnFamilyName", handle->GetName());
    });
  }
  void OnExternalFileIngested(DB* db, const ExternalFileIngestionInfo& info) override {
    Tell(kEventExternalFileIngested, [&](Plain* out) {
      out->Text("dbName", db->GetName());
      out->Text("columnFamilyName", info.cf_name);
      out->Text("externalFilePath", info.external_file_path);
      out->Text("internalFilePath", info.internal_file_path);
      out->Big("globalSeqno", info.global_seqno);
      out->Name("tableProperties");
      WriteTableProperties(info.table_properties, out);
    });
  }
  void OnBackgroundError(BackgroundErrorReason reason, Status* error) override {
    Tell(kEventBackgroundError, [&](Plain* out) { WriteError(reason, *error, out); });
  }
  void OnStallConditionsChanged(const WriteStallInfo& info) override {
    Tell(kEventStallConditionsChanged, [&](Plain* out) {
      out->Text("columnFamilyName", info.cf_name);
      out->Number("current", static_cast<int>(info.condition.cur));
      out->Number("previous", static_cast<int>(info.condition.prev));
    });
  }
  void OnErrorRecoveryBegin(BackgroundErrorReason reason, Status error, bool* automatic) override {
    const uint32_t answer = Tell(kEventErrorRecoveryBegin,
                                 [&](Plain* out) { WriteError(reason, error, out); });
    if (answer == 0) *automatic = false;
    error.PermitUncheckedError();
  }
  void OnErrorRecoveryCompleted(Status old_error) override {
    Tell(kEventErrorRecoveryCompleted, [&](Plain* out) { out->Status("oldError", old_error); });
    old_error.PermitUncheckedError();
  }
  void OnErrorRecoveryEnd(const BackgroundErrorRecoveryInfo& info) override {
    Tell(kEventErrorRecoveryEnd, [&](Plain* out) {
      out->Status("oldError", info.old_bg_error);
      out->Status("newError", info.new_bg_error);
    });
  }

  bool ShouldBeNotifiedOnFileIO() override { return wants_ >> kEventFileReadFinish != 0; }
  void OnFileReadFinish(const FileOperationInfo& info) override { TellFile(kEventFileReadFinish, info); }
  void OnFileWriteFinish(const FileOperationInfo& info) override { TellFile(kEventFileWriteFinish, info); }
  void OnFileFlushFinish(const FileOperationInfo& info) override { TellFile(kEventFileFlushFinish, info); }
  void OnFileSyncFinish(const FileOperationInfo& info) override { TellFile(kEventFileSyncFinish, info); }
  void OnFileRangeSyncFinish(const FileOperationInfo& info) override {
    TellFile(kEventFileRangeSyncFinish, info);
  }
  void OnFileTruncateFinish(const FileOperationInfo& info) override {
    TellFile(kEventFileTruncateFinish, info);
  }
  void OnFileCloseFinish(const FileOperationInfo& info) override { TellFile(kEventFileCloseFinish, info); }
  void OnIOError(const IOErrorInfo& info) override {
    Tell(kEventIoError, [&](Plain* out) {
      out->Number("type", static_cast<int>(info.operation));
      out->Text("path", info.file_path);
      out->Number("offset", info.offset);
      out->Number("length", info.length);
      out->Status("status", info.io_status);
    });
  }

 private:
  // Returns the host's answer, which is 1 unless it says otherwise.
  template <typename Write>
  uint32_t Tell(uint32_t type, Write&& write) {
    if ((wants_ >> type & 1) == 0) return 1;
    OwnerScope owner(Owner::kCallback);
    Plain plain;
    plain.Object([&] { write(&plain); });
    rdb_event event = {type, ToWord(plain.bytes().data()),
                       static_cast<uint32_t>(plain.bytes().size()), 1};
    return host_.Call(kListenerEvent, &event) ? event.answer : 1;
  }

  static void WriteError(BackgroundErrorReason reason, const Status& error, Plain* out) {
    out->Number("reason", static_cast<int>(reason));
    out->Status("error", error);
  }

  void TellFile(uint32_t type, const FileOperationInfo& info) {
    Tell(type, [&](Plain* out) {
      out->Number("type", static_cast<int>(info.type));
      out->Text("path", info.path);
      out->Number("offset", info.offset);
      out->Number("length", info.length);
      out->Number("durationNanos", info.duration.count());
      out->Number("temperature", static_cast<int>(info.temperature));
      out->Big("startTs", info.start_ts.time_since_epoch().count());
      out->Status("status", info.status);
    });
  }

  const HostObject host_;
  uint32_t wants_ = 0;
};

}  // namespace

std::shared_ptr<EventListener> MakeHostListener(uint32_t callback) {
  OwnerScope owner(Owner::kCallback);
  return std::make_shared<HostListener>(callback);
}

}  // namespace rocksdb_wasm
