// Owner scopes inside RocksDB: which part of it holds the bytes that are allocated where (wasm/memory/owners.h);
// one way out of a loop; and what a thread that is parked amid its work must have done (wasm/port/scheduler.h).
//
// RocksDB's sources stay as they are pinned. The few files named here are copied into the cache with one
// line put in at each place, and the copies are compiled instead. A place that is not found exactly once stops
// the build, so that a new version of RocksDB cannot lose a scope unnoticed.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CACHE, hash, ROOT, read } from './steps.mjs';

const scope = (owner) => ` rocksdb_wasm::OwnerScope rdb_owner(rocksdb_wasm::Owner::${owner});`;

/** The body of the function whose definition begins like that. */
const body = (file, signature, owner, put = scope(owner)) => ({
  file,
  at: signature,
  upTo: ' {\n',
  put,
});
/** The rest of the block after this text. */
const after = (file, text, put) => ({ file, at: text, upTo: text.slice(-1), put });
/** The rest of the block from this text on. */
const before = (file, text, put) => ({ file, at: text, upTo: '', put });

/** The rest of the block belongs to the cache that what is read there goes into, if it does. */
const intoBlobCache =
  ' rocksdb_wasm::OwnerScope rdb_owner(blob_cache_ && read_options.fill_cache ? ' +
  'rocksdb_wasm::Owner::kBlockCache : rocksdb_wasm::current_owner); ';

/** Of an entry in a block: the sum of both lengths may wrap around. */
const ENTRY_FITS =
  'if (static_cast<uint32_t>(limit - p) < (*non_shared + *value_length)) {\n      return nullptr;';
const OVERLONG =
  '*non_shared > static_cast<uint32_t>(limit - p) || *value_length > static_cast<uint32_t>(limit - p)';

/** A large block is looked for at its end, before memory is taken for it. */
const IN_FILE =
  ' if (handle_.size() > (1u << 20) && !file_->use_direct_io()) { char rdb_last; Slice rdb_got; IOOptions rdb_how;' +
  ' const IOStatus rdb_read = handle_.size() > 0xf0000000u ? IOStatus::OK() : file_->Read(rdb_how,' +
  ' handle_.offset() + block_size_with_trailer_ - 1, 1, &rdb_got, &rdb_last, nullptr);' +
  ' if (!rdb_read.ok()) return io_status_ = rdb_read; if (rdb_got.size() != 1) return io_status_ =' +
  ' IOStatus::Corruption("a block of " + std::to_string(handle_.size()) + " bytes is beyond the end of the file",' +
  ' file_->file_name()); }';

const PLAUSIBLE =
  'extern bool rdb_size_is_plausible(CompressionType, const char*, size_t, uint32_t);';

const stuck = (wrong, clear) =>
  'if (current->iter.Valid() && !current->iter.IsDeleteRangeSentinelKey() && ' +
  `comparator_->Compare(current->iter.key(), target) ${wrong}) { ` +
  `status_ = Status::Corruption("keys of a table are not in order"); ${clear}; }`;

const NO_PROPERTIES = '"the properties of the file cannot be read"';

/** Each bucket that a key can be looked for in is in the file. */
const CUCKOO =
  'if (status_.ok()) { const uint64_t rdb_size = file_data_.size(); const uint64_t rdb_bucket = bucket_length_; ' +
  'if (rdb_bucket == 0 || rdb_bucket != uint64_t{key_length_} + value_length_ || num_hash_func_ > 64 || ' +
  'key_length_ != uint64_t{user_key_length_} + (is_last_level_ ? 0 : 8) || unused_key_.size() < key_length_ || ' +
  'table_size_ == 0 || table_size_ > rdb_size || cuckoo_block_size_ == 0 || cuckoo_block_size_ > rdb_size || ' +
  'table_size_ + cuckoo_block_size_ - 1 > rdb_size / rdb_bucket || ' +
  'table_props_->num_entries > table_size_ + cuckoo_block_size_ - 1) ' +
  'status_ = Status::Corruption("the lengths of a cuckoo table are not those of its file"); }';

/** Of blocks that no cache holds. */
const soundMeta = (contents) =>
  'extern bool rdb_block_is_sound(const char*, size_t, size_t); ' +
  `if (!rdb_block_is_sound(${contents}.data.data(), ${contents}.data.size(), 0)) ` +
  'return Status::Corruption("bad block contents"); ';

/** A block that is not sound is taken for an empty one, which is an error wherever it is read. */
function soundBlock(which, check, more) {
  const types = check === 'rdb_index_block_is_sound' ? 'bool, bool' : 'size_t';
  return body(
    'table/block_based/block_cache.cc',
    which,
    '',
    ` extern bool ${check}(const char*, size_t, ${types});` +
      ` if (!${check}(block.data.data(), block.data.size()${more})) block = BlockContents();`,
  );
}

/** Those that wait for the MANIFEST are refused together, as they would have been written together. */
const REFUSE_WRITERS =
  'const auto rdb_refuse = [this](const Status& why) { while (!manifest_writers_.empty() && ' +
  '!manifest_writers_.front()->edit_list.front()->IsColumnFamilyManipulation()) { ' +
  'ManifestWriter* rdb_writer = manifest_writers_.front(); manifest_writers_.pop_front(); ' +
  'rdb_writer->status = why; rdb_writer->done = true; ' +
  'if (rdb_writer->manifest_write_callback) rdb_writer->manifest_write_callback(why); ' +
  'rdb_writer->cv.Signal(); } WakeUpWaitingManifestWriters(); }; ';

/** RocksDB writes names and keys into its JSON as they are. */
const JSON_WRITER =
  'static std::string RdbJson(const std::string& text) { std::string json; for (const char c : text) { ' +
  `if (c == '"' || c == '\\\\') json += '\\\\'; if (static_cast<unsigned char>(c) >= 0x20) { json += c; continue; } ` +
  'char code[8]; snprintf(code, sizeof code, "\\\\u%04x", c); json += code; } return json; } ' +
  'struct RdbJsonWriter : JSONWriter { ' +
  'RdbJsonWriter& operator<<(const char* text) { JSONWriter::operator<<(text); return *this; } ' +
  'RdbJsonWriter& operator<<(const std::string& text) { return *this << RdbJson(text).c_str(); } ' +
  'template <typename T> RdbJsonWriter& operator<<(const T& value) { ' +
  'static_cast<JSONWriter&>(*this) << value; return *this; } }; ';

/** Keys, values and sizes of a plain table are where the file's own lengths and offsets say. */
const PLAIN_CHECKS =
  'Status RdbOutside() { return Status::Corruption("an entry of a plain table is not inside of it"); } ' +
  'bool RdbInside(PlainTableFileReader& reader, uint32_t offset, uint64_t bytes) { ' +
  'return offset + bytes <= reader.file_info()->data_end_offset; } ';

const insidePlain = (offset, bytes) =>
  `if (!RdbInside(file_reader_, ${offset}, uint64_t{${bytes}})) return RdbOutside(); `;

const inPlain = (text, put) => before('table/plain/plain_table_key_coding.cc', text, put);

/** Its properties are believed for the size of the data, and how much a filter of all keys has room for. */
const PLAIN_PROPERTIES =
  'if (props->data_size > file_size || props->num_entries > props->data_size || ' +
  '(new_reader->file_info_.is_mmap_mode && new_reader->file_info_.file_data.size() < props->data_size)) ' +
  'return Status::Corruption("the properties of a plain table are not those of its file"); ';

const PLACES = [
  // What an insertion allocates is the memtable's, whoever writes: its arena above all.
  body('db/memtable.cc', 'Status MemTable::Add(SequenceNumber s, ', 'kMemtable'),
  body('db/column_family.cc', 'MemTable* ColumnFamilyData::ConstructNewMemtable(', 'kMemtable'),
  body('db/memtable.cc', 'void MemTable::ConstructFragmentedRangeTombstones()', 'kMemtable'),

  after(
    'table/block_based/block_based_table_reader.cc',
    'out_parsed_block->GetCacheHandle() == nullptr && !no_io &&\n        ro.fill_cache) {\n',
    scope('kBlockCache'),
  ),
  body(
    'file/file_prefetch_buffer.cc',
    'void FilePrefetchBuffer::PrepareBufferForRead(',
    'kReadahead',
  ),

  body('db/table_cache.cc', 'Status TableCache::GetTableReader(', 'kTableReader'),
  before(
    'db/table_cache.cc',
    'std::unique_ptr<TableReader> table_reader;\n',
    scope('kTableReader'),
  ),

  body('db/blob/blob_file_cache.cc', 'Status BlobFileCache::GetBlobFileReader(', 'kTableReader'),
  before(
    'db/blob/blob_source.cc',
    'uint64_t read_size = 0;\n    s = blob_file_reader.GetValue()->GetBlob(',
    intoBlobCache,
  ),
  before(
    'db/blob/blob_source.cc',
    'blob_file_reader.GetValue()->MultiGetBlob(read_options, allocator,',
    intoBlobCache,
  ),
  body('db/blob/blob_source.cc', 'Status BlobSource::PutBlobIntoCache(', 'kBlockCache'),

  body('db/version_set.cc', 'Status VersionSet::ProcessManifestWrites(', 'kVersion'),
  body('db/version_set.cc', 'Status VersionSet::Recover(', 'kVersion'),
  body('db/job_context.h', 'void NewSuperVersion()', 'kVersion'),
  body(
    'db/column_family.cc',
    'void ColumnFamilyData::InstallSuperVersion(\n    SuperVersionContext* sv_context,\n',
    'kVersion',
  ),

  body('db/db_impl/db_impl_open.cc', 'IOStatus DBImpl::CreateWAL(', 'kWal'),
  body('db/db_impl/db_impl_open.cc', 'Status DBImpl::RecoverLogFiles(', 'kWal'),
  body('db/db_impl/db_impl_write.cc', 'IOStatus DBImpl::WriteToWAL(const WriteBatch& ', 'kWal'),

  body('db/db_impl/db_impl_compaction_flush.cc', 'void DBImpl::BackgroundCallFlush(', 'kFlush'),
  body(
    'db/db_impl/db_impl_compaction_flush.cc',
    'void DBImpl::BackgroundCallCompaction(',
    'kCompaction',
  ),
  body('db/db_impl/db_impl_compaction_flush.cc', 'Status DBImpl::CompactFilesImpl(', 'kCompaction'),
  // The queues keep their blocks: those are no writer's, and of no snapshot whose release queues a compaction.
  body(
    'db/db_impl/db_impl_compaction_flush.cc',
    'bool DBImpl::EnqueuePendingFlush(const FlushRequest& ',
    'kFlush',
  ),
  body(
    'db/db_impl/db_impl_compaction_flush.cc',
    'void DBImpl::AddToCompactionQueue(ColumnFamilyData* ',
    'kCompaction',
  ),

  body(
    'monitoring/statistics.cc',
    'std::shared_ptr<Statistics> CreateDBStatistics()',
    'kStatistics',
  ),
  before('db/column_family.cc', 'internal_stats_.reset(\n', `{${scope('kStatistics')} `),
  before('db/column_family.cc', 'table_cache_.reset(new TableCache(', '} '),

  // Going back, an iterator seeks again and again as long as it finds the key that it leaves: for ever, when the
  // comparator is one of the program's that threw, and all keys compare equal since (wasm/bindings/host.h).
  before(
    'db/db_iter.cc',
    'std::string last_key;\n      if (timestamp_size_ == 0) {\n        AppendInternalKey(&last_key, ' +
      'ParsedInternalKey(saved_key_.GetUserKey(),\n                                                       ' +
      'kMaxSequenceNumber,\n                                                       kValueTypeForSeek));',
    'extern bool rdb_comparator_failed(); if (rdb_comparator_failed()) { ' +
      'status_ = Status::Aborted("a comparator threw"); valid_ = false; return false; } ' +
      'if (rdb_sought) { status_ = Status::Corruption("keys of a table are not in order"); ' +
      'valid_ = false; return false; } rdb_sought = true; ',
  ),
  // What comes before the key that is sought is less than that, unless the keys of a file are not in order.
  before(
    'db/db_iter.cc',
    'size_t num_skipped = 0;\n  while (iter_.Valid()) {\n    ParsedInternalKey ikey;\n    ' +
      'if (!ParseKey(&ikey)) {\n      return false;\n    }\n\n    if (CompareKeyForSkip(ikey.user_key, saved_key_',
    'bool rdb_sought = false; ',
  ),

  // A backup that failed, and whose file could not be removed either, is still listed, without its files.
  before(
    'utilities/backup/backup_engine.cc',
    'assert(backups_.find(new_backup_id) == backups_.end());',
    'backups_.erase(new_backup_id); ',
  ),

  // The thread that empties the trash is parked in the wait that follows a deletion, and does not come back to what
  // follows the wait: the file that is gone by then must not count as waiting.
  before(
    'file/delete_scheduler.cc',
    '// Apply penalty if necessary\n      uint64_t total_penalty;',
    'struct RdbParked { DeleteScheduler* scheduler; bool deleted; std::optional<int32_t> bucket; ' +
      '~RdbParked() { if (!deleted || std::uncaught_exceptions() == 0) return; --scheduler->pending_files_; ' +
      'if (bucket.has_value()) --scheduler->pending_files_in_buckets_[*bucket]; ' +
      'scheduler->cv_.SignalAll(); } } rdb_parked{this, is_complete, bucket}; ',
  ),

  // A log that is not recycled, with a record of a recycled one in it: RocksDB reads that record again and again. Its type is
  // looked at before its checksum, so one flipped bit does it: it counts as the wrong checksum that it mostly is.
  before(
    'db/log_reader.cc',
    '// A recycled log should have started with a recycled record\n        return kBadRecord;',
    '*drop_size = buffer_.size(); buffer_.clear(); return kBadRecordChecksum; ',
  ),
  before(
    'db/log_reader.cc',
    '// A recycled log should have started with a recycled record\n      *fragment_type_or_err = kBadRecord;',
    '*drop_size = buffer_.size(); buffer_.clear(); *fragment_type_or_err = kBadRecordChecksum; return true; ',
  ),
  before(
    'db/log_reader.cc',
    '*fragment_type_or_err = kOldRecord;\n      return true;',
    '*fragment_type_or_err = kEof; return false; ',
  ),
  // A second record of that kind would lose what the first one made.
  before('db/log_reader.cc', 'uncompress_ = StreamingUncompress::Create(', 'delete uncompress_; '),

  // A version that cannot be made of the edits: who asked for it would stay in the queue, and the next one wait for ever.
  before(
    'db/version_set.cc',
    'autovector<VersionEdit*> batch_edits;\n  // This vector keeps track',
    REFUSE_WRITERS,
  ),
  ...['          ', '        '].map((indent) =>
    before(
      'db/version_set.cc',
      `if (!s.ok()) {\n${indent}// free up the allocated memory`,
      'if (!s.ok()) rdb_refuse(s); ',
    ),
  ),

  // Nothing that could let it go on may be left (wasm/bindings/stalled_writes.cc).
  before(
    'db/db_impl/db_impl_compaction_flush.cc',
    'bg_cv_.Wait();\n      }\n      if (cfd->IsDropped()) {\n        return Status::ColumnFamilyDropped();',
    'extern const void* rdb_stalled_flush; struct RdbStalled { ' +
      'explicit RdbStalled(const void* db) { rdb_stalled_flush = db; } ' +
      '~RdbStalled() { rdb_stalled_flush = nullptr; } } rdb_stalled(this); ',
  ),

  before('db/version_edit.cc', 'std::string VersionEdit::DebugJSON(int edit_num, ', JSON_WRITER),
  before(
    'db/version_edit.cc',
    'JSONWriter jw;\n  jw << "EditNumber"',
    'using JSONWriter = RdbJsonWriter; ',
  ),

  // Numbers of logs are given out from those of files: one beyond would have the log in use deleted.
  before(
    'db/version_edit_handler.cc',
    'if (s->ok()) {\n    version_set_->GetColumnFamilySet()->UpdateMaxColumnFamily(',
    'if (s->ok()) { const uint64_t rdb_next = version_edit_params_.GetNextFile(); ' +
      'bool rdb_beyond = rdb_next >= uint64_t{1} << 62 || version_edit_params_.GetMinLogNumberToKeep() > rdb_next || ' +
      'version_edit_params_.GetPrevLogNumber() > rdb_next; ' +
      'for (auto* cfd : *(version_set_->GetColumnFamilySet())) ' +
      'if (!cfd->IsDropped() && cfd->GetLogNumber() > rdb_next) rdb_beyond = true; ' +
      'if (rdb_beyond) *s = Status::Corruption("MANIFEST: a file number beyond the next one"); } ',
  ),

  // What a log says of prepared transactions: a section in another one, one that only ends, and one that is there twice.
  before(
    'db/write_batch.cc',
    'rebuilding_trx_ = new WriteBatch();\n      rebuilding_trx_seq_ = sequence_;',
    'if (rebuilding_trx_ != nullptr) return Status::Corruption("a prepared section in a prepared section"); ',
  ),
  before(
    'db/write_batch.cc',
    'size_t batch_cnt =\n          write_after_commit_\n              ? 0  // 0 will disable further checks',
    'if (rebuilding_trx_ == nullptr) return Status::Corruption("a prepared section without its begin"); ' +
      'if (const auto* rdb_known = db_->GetRecoveredTransaction(name.ToString()); rdb_known != nullptr && ' +
      '(!rdb_known->unprepared_ || rdb_known->batches_.count(rebuilding_trx_seq_) != 0)) ' +
      'return Status::Corruption("a prepared transaction is in the log twice"); ',
  ),

  // A range tombstone covers the key: both ways on it is gone when the keys are in order, and seeked for again for ever
  // when they are not.
  after(
    'table/merging_iterator.cc',
    'SeekForPrevImpl(target, i + 1, true);\n',
    ` ${stuck('> 0', 'maxHeap_->clear()')}`,
  ),
  after(
    'table/merging_iterator.cc',
    'SeekImpl(target, current->level, true);\n',
    ` ${stuck('< 0', 'minHeap_.clear()')}`,
  ),

  // 0 and less are divided by.
  after(
    'options/db_options.cc',
    'auto limiter = static_cast<std::shared_ptr<RateLimiter>*>(addr);\n',
    ' if (static_cast<int64_t>(ParseUint64(value)) <= 0) return Status::InvalidArgument(' +
      '"rate_limiter_bytes_per_sec is not a number of bytes", value);',
  ),

  // The sizes of levels are worked out wherever options are parsed; who opens a database refuses so many (options.cc).
  before(
    'options/cf_options.cc',
    'max_file_size.resize(num_levels);',
    'num_levels = std::max(0, std::min(num_levels, 1000)); ',
  ),
  before(
    'utilities/options/options_util.cc',
    'cf_descs->push_back({cf_names[i], cf_opts[i]});',
    'if (cf_opts[i].comparator == nullptr || cf_opts[i].memtable_factory == nullptr || ' +
      'cf_opts[i].table_factory == nullptr || cf_opts[i].num_levels > 1000) return Status::InvalidArgument(' +
      '"column family \'" + cf_names[i] + "\' cannot be opened with what is stored", ' +
      '"no comparator, memtable_factory or table_factory, or more than 1000 levels"); ',
  ),

  // Of files that say that they have entries, and that these have no bytes.
  before(
    'db/version_set.h',
    'if (accumulated_num_non_deletions_ == 0) {\n      return 0;',
    'if (accumulated_raw_key_size_ + accumulated_raw_value_size_ == 0) return 0; ',
  ),

  // What a file says of itself, before RocksDB believes it: wasm/env/sound_files.cc.
  before('table/block_based/block.cc', ENTRY_FITS, `if (${OVERLONG}) return nullptr; `),
  ...[
    'IOStatus BlockFetcher::ReadBlockContents() {\n',
    'IOStatus BlockFetcher::ReadAsyncBlockContents() {\n',
  ].map((signature) => after('table/block_fetcher.cc', signature, IN_FILE)),
  soundBlock('Block_kData>* parsed_out,\n', 'rdb_block_is_sound', ', 8'),
  soundBlock(
    'Block_kRangeDeletion>* parsed_out, BlockContents&& block) {\n',
    'rdb_block_is_sound',
    ', 8',
  ),
  soundBlock('Block_kMetaIndex>* parsed_out,\n', 'rdb_block_is_sound', ', 0'),
  // Properties are read before their checksum is looked at.
  before(
    'table/meta_blocks.cc',
    'uint64_t block_size = block_contents.data.size();\n    Block properties_block(',
    soundMeta('block_contents'),
  ),
  before('table/meta_blocks.cc', 'Block metaindex_block(', soundMeta('metaindex_contents')),
  // What cannot be read has no properties, which RocksDB only logs.
  before(
    'db/external_sst_file_ingestion_job.cc',
    'assert(props.get());\n',
    `if (props == nullptr) return Status::Corruption(${NO_PROPERTIES}, external_file); `,
  ),
  before(
    'db/external_sst_file_ingestion_job.cc',
    'file_to_ingest->version = DecodeFixed32(version_iter->second.c_str());',
    'if (version_iter->second.size() != 4) return Status::Corruption("External file version is no number"); ',
  ),
  before(
    'db/external_sst_file_ingestion_job.cc',
    'file_to_ingest->original_seqno = DecodeFixed64(seqno_iter->second.c_str());',
    'if (seqno_iter->second.size() != 8) return Status::Corruption("External file sequence number is no number"); ',
  ),
  before(
    'db/import_column_family_job.cc',
    '// Set original_seqno to 0.\n  file_to_import->original_seqno = 0;',
    `if (props == nullptr) return Status::Corruption(${NO_PROPERTIES}, external_file); `,
  ),
  before(
    'db/table_cache.cc',
    '!options.table_filter(*table_reader->GetTableProperties())',
    'table_reader->GetTableProperties() != nullptr && ',
  ),
  before(
    'table/block_based/block_based_table_reader.cc',
    'uint64_t num_blocks = this->GetTableProperties()->num_data_blocks;',
    `if (rep_->table_properties == nullptr) return Status::Corruption(${NO_PROPERTIES}); `,
  ),
  // The lengths of a cuckoo table stand in its properties, and are used without a look at the file.
  after('table/cuckoo/cuckoo_table_reader.cc', '&file_data_, nullptr, nullptr);\n', ` ${CUCKOO}`),

  inPlain('// Control byte:\n', PLAIN_CHECKS),
  inPlain(
    'const char* start = file_info_->file_data.data() + offset;',
    'if (offset > file_info_->data_end_offset) { status_ = RdbOutside(); return false; } ',
  ),
  inPlain(
    'assert(key_ptr != nullptr);\n    *bytes_read = static_cast<uint32_t>(key_ptr - start);',
    'if (key_ptr == nullptr) { status_ = RdbOutside(); return false; } ',
  ),
  inPlain(
    'const uint32_t kMaxVarInt32Size = 6u;',
    'if (offset > file_info_->data_end_offset) { status_ = RdbOutside(); return false; } ',
  ),
  inPlain(
    '*bytes_read =\n      (key_ptr != nullptr) ?',
    'if (key_ptr == nullptr) { status_ = RdbOutside(); return false; } ',
  ),
  inPlain(
    'bool success = file_reader_.Read(start_offset, 1, &next_byte_slice);',
    insidePlain('start_offset', '1'),
  ),
  inPlain(
    'bool success = file_reader_.Read(file_offset, user_key_size + 1, &tmp_slice);',
    insidePlain('file_offset', 'user_key_size} + uint64_t{1'),
  ),
  inPlain(
    'success = file_reader_.Read(file_offset, user_key_size + 8, internal_key);',
    insidePlain('file_offset', 'user_key_size} + uint64_t{8'),
  ),
  inPlain(
    'success = file_reader_.Read(start_offset + *bytes_read, value_size, value);',
    insidePlain('start_offset + *bytes_read', 'value_size'),
  ),
  // A key that takes its prefix from the one before.
  inPlain(
    'Slice tmp_slice;\n        s = ReadInternalKey(',
    'if (prefix_len_ > saved_user_key_.size()) return RdbOutside(); ',
  ),
  before(
    'table/plain/plain_table_reader.cc',
    'if (!full_scan_mode) {\n    s = new_reader->PopulateIndex(',
    PLAIN_PROPERTIES,
  ),
  // No index was made of it. RocksDB looks for that in total order only, and where it gets a key, goes on all the same.
  before(
    'table/plain/plain_table_reader.cc',
    'prefix_matched = false;\n  uint32_t prefix_index_offset;',
    'if (full_scan_mode_) return Status::InvalidArgument(' +
      '"a plain table in full scan mode can only be read from its begin"); ',
  ),
  before(
    'table/plain/plain_table_reader.cc',
    "// cast away const qualifier, because bloom_ won't be changed",
    'if (num_blocks > bloom_block->size() / CACHE_LINE_SIZE) ' +
      'return Status::Corruption("the filter of a plain table is larger than its block"); ',
  ),
  before(
    'table/plain/plain_table_index.cc',
    'sub_index_size_ =\n      static_cast<uint32_t>(data.size()) -',
    'extern bool rdb_plain_index_is_sound(const char*, size_t, uint32_t); ' +
      'if (!rdb_plain_index_is_sound(data.data(), data.size(), index_size_)) ' +
      'return Status::Corruption("bad index of a plain table"); ',
  ),

  ...['Block_kIndex>* parsed_out,\n', 'Block_kFilterPartitionIndex>* parsed_out,\n'].map((which) =>
    soundBlock(which, 'rdb_index_block_is_sound', ', index_value_is_full, index_has_first_key'),
  ),
  before(
    'table/format.cc',
    'CacheAllocationPtr ubuf = UncompressData(',
    `${PLAUSIBLE} if (!rdb_size_is_plausible(uncompression_info.type(), data, size, ` +
      'GetCompressFormatForVersion(format_version))) ' +
      'return Status::Corruption("the uncompressed size of a block is not possible"); ',
  ),
  before(
    'db/blob/blob_file_reader.cc',
    'CacheAllocationPtr output;\n\n  {\n',
    `${PLAUSIBLE} if (!rdb_size_is_plausible(compression_type, value_slice.data(), ` +
      'value_slice.size(), compression_format_version)) ' +
      'return Status::Corruption("the uncompressed size of a blob is not possible"); ',
  ),
];

/** What the lines put in need. */
export const SCOPE_HEADER = path.join(ROOT, 'wasm/memory/owners.h');

function putIn(text, { file, at, upTo, put }) {
  const found = text.split(at).length - 1;
  if (found !== 1)
    throw new Error(`scopes: ${file} has ${found} places like ${JSON.stringify(at)}`);
  const start = text.indexOf(at);
  if (upTo === '') return text.slice(0, start) + put + text.slice(start);
  const end = text.indexOf(upTo, upTo.length === 1 ? start + at.length - 1 : start) + upTo.length;
  // Before the line break: the lines keep their numbers.
  const cut = end - 1;
  return text.slice(0, cut) + put + text.slice(cut);
}

/** The file with its scopes. */
function scoped(sources, file) {
  let text = read(path.join(sources, file));
  for (const place of PLACES.filter((each) => each.file === file)) text = putIn(text, place);
  // Headers beside the original.
  text = text.replace(/^#include "([^/"]+)"/gm, `#include "${path.dirname(file)}/$1"`);
  // As __FILE__ is for the others: RocksDB's log cuts that prefix off.
  const name = `./${path.relative(ROOT, path.join(sources, file))}`;
  return `#include "${path.relative(ROOT, SCOPE_HEADER)}"\n#line 1 "${name}"\n${text}`;
}

/** The files that have scopes, with their scopes. A change of a header is one for all of RocksDB, one of a source for that alone. */
export function scopedFiles(sources) {
  const names = [...new Set(PLACES.map((place) => place.file))];
  const all = new Map(names.map((name) => [name, scoped(sources, name)]));
  const only = (isHeader) => new Map([...all].filter(([name]) => name.endsWith('.h') === isHeader));
  return { headers: only(true), sources: only(false) };
}

/** Writes files into a folder that is named by their content; returns it. */
export function folderOf(files) {
  const folder = path.join(CACHE, 'generated', hash('scopes', ...[...files].flat()));
  if (fs.existsSync(folder)) return folder;
  const part = `${folder}.${process.pid}.part`;
  for (const [name, text] of files) {
    fs.mkdirSync(path.dirname(path.join(part, name)), { recursive: true });
    fs.writeFileSync(path.join(part, name), text);
  }
  try {
    fs.renameSync(part, folder);
  } catch (error) {
    // Somebody else was faster.
    fs.rmSync(part, { recursive: true, force: true });
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}
