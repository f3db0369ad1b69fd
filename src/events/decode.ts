/** Infos of what wasm/bindings/listener.cc wrote: numbers of enumerations become their names. */
import { TEMPERATURES } from '../file-metadata.js';
import { EventType } from '../native/exports.gen.js';
import type { Plain } from '../native/plain-data.js';
import { tableProperties } from '../table-properties.js';
import {
  BACKGROUND_ERROR_REASONS,
  COMPACTION_REASONS,
  COMPRESSION_TYPES,
  FILE_CREATION_REASONS,
  FILE_OPERATION_TYPES,
  FLUSH_REASONS,
  WRITE_STALL_CONDITIONS,
} from './infos.js';

type Fields = { [name: string]: Plain };
type Names = Readonly<Record<number, string>>;

/** Field by field; `reason` is of another enumeration in each group of events. */
const ENUMERATIONS: Readonly<Record<string, Names>> = {
  flushReason: FLUSH_REASONS,
  compactionReason: COMPACTION_REASONS,
  compression: COMPRESSION_TYPES,
  blobCompressionType: COMPRESSION_TYPES,
  current: WRITE_STALL_CONDITIONS,
  previous: WRITE_STALL_CONDITIONS,
  type: FILE_OPERATION_TYPES,
  temperature: TEMPERATURES,
};

/** The info of an event of that type (rdb_event_type). */
export function infoOf(type: number, plain: Plain): unknown {
  const fields = plain as Fields;
  const reasons =
    type === EventType.EventBackgroundError || type === EventType.EventErrorRecoveryBegin
      ? BACKGROUND_ERROR_REASONS
      : FILE_CREATION_REASONS;
  named(fields, 'reason', reasons);
  return finish(fields);
}

function finish(fields: Fields): Fields {
  for (const [name, names] of Object.entries(ENUMERATIONS)) named(fields, name, names);
  if (fields.tableProperties !== undefined) {
    fields.tableProperties = tableProperties(fields.tableProperties) as unknown as Plain;
  }
  for (const list of [fields.inputFiles, fields.outputFiles, fields.flushes]) {
    for (const each of (list as Fields[] | undefined) ?? []) finish(each);
  }
  return fields;
}

function named(fields: Fields, name: string, names: Names): void {
  const value = fields[name];
  if (typeof value === 'number') fields[name] = names[value] ?? `unknown (${value})`;
}
