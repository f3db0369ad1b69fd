/** wal and manifest: the two logs of a database, read without opening it. */

import { readWholeFile } from '../../doctor/files.js';
import { databasePath } from '../../paths.js';
import { dumpManifest, dumpWal, type ManifestEdit, type WalBatch } from '../../tools.js';
import type { FileSystem } from '../../wasi/file-system.js';
import { NodeFileSystem } from '../../wasi/node-fs.js';
import type { WriteBatchOperation } from '../../write-batch-decoder.js';
import type { Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import type { Given } from '../given.js';
import { fileSystemOf } from '../opening.js';
import { amount } from '../progress.js';
import { jsonOf, shown } from '../text.js';
import { turns } from '../turns.js';

const toolOptions = (fileSystem: FileSystem | undefined) =>
  fileSystem === undefined ? {} : { fileSystem };

export async function wal(context: Context): Promise<number> {
  const { given, out } = context;
  const folder = databasePath(given.database);
  const fileSystem = fileSystemOf(given);
  const [one] = given.arguments;
  const names = one === undefined ? logsIn(fileSystem ?? new NodeFileSystem(), folder) : [one];
  const operations = one !== undefined || given.flag('entries');
  const progress = context.progress('wal', 'logs', names.length);
  const logs = [];
  for (const [index, name] of names.entries()) {
    progress.at(index);
    const file = name.includes('/') ? name : `${folder}/${name}`;
    const batches = await dumpWal(file, toolOptions(fileSystem));
    if (operations) await writeOperations(context, file, batches);
    else logs.push(summaryOf(file, batches));
  }
  progress.end();
  if (operations) return EXIT.ok;
  if (given.json) out.write(`${jsonOf({ logs }, 2)}\n`);
  else for (const log of logs) out.write(`${summaryText(log)}\n`);
  return EXIT.ok;
}

function logsIn(fileSystem: FileSystem, folder: string): string[] {
  const names = fileSystem.readDirectory(folder).map(({ name }) => name);
  const logs = names.filter((name) => /^\d+\.log$/.test(name));
  return logs.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

function summaryOf(file: string, batches: readonly WalBatch[]) {
  const last = batches.at(-1);
  return {
    file,
    batches: batches.length,
    operations: batches.reduce((sum, { count }) => sum + count, 0),
    bytes: batches.reduce((sum, { byteLength }) => sum + byteLength, 0),
    firstSequence: batches[0]?.sequence ?? null,
    lastSequence: last === undefined ? null : last.sequence + BigInt(Math.max(0, last.count - 1)),
  };
}

function summaryText(log: ReturnType<typeof summaryOf>): string {
  const name = log.file.slice(log.file.lastIndexOf('/') + 1);
  if (log.firstSequence === null) return `${name}: empty`;
  return (
    `${name}: ${amount(log.batches, 'batches')}, ${amount(log.operations, 'operations')}, ` +
    `${amount(log.bytes, 'bytes')}, sequence ${log.firstSequence} to ${log.lastSequence}`
  );
}

async function writeOperations(
  { given, out, signal }: Context,
  file: string,
  batches: readonly WalBatch[],
): Promise<void> {
  const turn = turns(signal);
  for (const { sequence, offset, operations } of batches) {
    for (const operation of operations) {
      const line = given.json
        ? jsonOf({ file, offset, sequence, ...operation })
        : `${sequence} ${operationText(operation, given)}`;
      if (out.write(`${line}\n`)) await out.drain();
    }
    await turn();
  }
}

function operationText(operation: WriteBatchOperation, given: Given): string {
  const { type } = operation;
  if (!('key' in operation)) return type;
  const family = `column family ${operation.columnFamilyId}`;
  const key = `${type} ${family} ${shown(operation.key, given.keyHex)}`;
  const hex = given.valueHex;
  switch (operation.type) {
    case 'put':
    case 'timedPut':
    case 'putBlobIndex':
      return `${key} ==> ${shown(operation.value, hex)}`;
    case 'merge':
      return `${key} ==> ${shown(operation.operand, hex)}`;
    case 'deleteRange':
      return `${key} .. ${shown(operation.endKey, given.keyHex)}`;
    case 'putEntity': {
      const columns = operation.columns.map(([n, v]) => `${shown(n, hex)}:${shown(v, hex)}`);
      return `${key} ==> ${columns.join(' ')}`;
    }
    default:
      return key;
  }
}

export async function manifest(context: Context): Promise<number> {
  const { given, out } = context;
  const folder = databasePath(given.database);
  const fileSystem = fileSystemOf(given);
  const [one] = given.arguments;
  const name = one ?? currentManifest(fileSystem ?? new NodeFileSystem(), folder);
  const file = name.includes('/') ? name : `${folder}/${name}`;
  for (const edit of await dumpManifest(file, toolOptions(fileSystem))) {
    const line = given.json ? JSON.stringify(edit) : editText(edit);
    if (out.write(`${line}\n`)) await out.drain();
  }
  return EXIT.ok;
}

function currentManifest(fileSystem: FileSystem, folder: string): string {
  const bytes = readWholeFile(fileSystem, `${folder}/CURRENT`);
  if (bytes === undefined) {
    throw new UsageError(`${folder} has no CURRENT: name the MANIFEST file, or see 'doctor'`);
  }
  return new TextDecoder().decode(bytes).trim();
}

/** In short: what was added and deleted, and the numbers. */
function editText(edit: ManifestEdit): string {
  const parts = Object.entries(edit).map(([name, value]) => {
    if (name !== 'AddedFiles' && name !== 'DeletedFiles') return `${name}=${JSON.stringify(value)}`;
    const files = (value as { Level: number; FileNumber: number }[]).map(
      ({ Level, FileNumber }) => `${FileNumber}@${Level}`,
    );
    return `${name}=[${files.join(' ')}]`;
  });
  return parts.join(' ');
}
