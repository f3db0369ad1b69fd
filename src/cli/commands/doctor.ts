/** doctor: prints a diagnosis. */
import { diagnose } from '../../doctor/diagnose.js';
import type { DatabaseFinding, Diagnosis } from '../../doctor/findings.js';
import type { Context } from '../command.js';
import { EXIT } from '../exit.js';
import { fileSystemOf, openOptions } from '../opening.js';
import { amount } from '../progress.js';
import { jsonOf } from '../text.js';

export async function doctor(context: Context): Promise<number> {
  const { given, out, signal } = context;
  const fileSystem = fileSystemOf(given);
  const { fileSystem: _, ...options } = openOptions(given);
  const minFreeBytes = given.integer('min-free', 0);
  const minEntries = given.integer('min-entries', 0);
  const minBytes = given.integer('min-bytes', 0);
  let progress = context.progress('doctor', 'bytes');
  let step = '';
  const diagnosis = await diagnose(given.database, {
    ...(fileSystem === undefined ? {} : { fileSystem }),
    ...(minFreeBytes === undefined ? {} : { minFreeBytes }),
    ...(minEntries === undefined ? {} : { minEntries }),
    ...(minBytes === undefined ? {} : { minBytes }),
    options,
    shallow: given.flag('shallow'),
    signal,
    onProgress: (at) => {
      if (at.step !== step) {
        progress.end();
        step = at.step;
        progress = context.progress(step, step.startsWith('entries') ? 'entries' : 'bytes');
      }
      progress.at(at.done, at.total);
    },
  });
  progress.end();
  out.write(given.json ? `${jsonOf(diagnosis, 2)}\n` : textOf(diagnosis));
  return diagnosis.healthy ? EXIT.ok : EXIT.finding;
}

function textOf({ path, healthy, findings, skipped, facts }: Diagnosis): string {
  const lines = [path];
  if (facts.rocksdbVersion !== undefined)
    lines.push(`  written by RocksDB ${facts.rocksdbVersion}`);
  for (const family of facts.columnFamilies) {
    const blobs =
      family.blobFiles === 0
        ? ''
        : `, ${amount(family.blobFiles, 'blob files')} of ${amount(family.blobBytes, 'bytes')}`;
    const visible =
      family.visible === undefined ? '' : `, ${amount(family.visible, 'entries')} to be seen`;
    lines.push(
      `  ${family.name}: ${amount(family.tables, 'tables')} of ${amount(family.tableBytes, 'bytes')}` +
        `${blobs}, ${amount(family.entries, 'entries')} in them, ${amount(family.deletions, 'deletions')}${visible}`,
    );
  }
  lines.push(`  logs: ${facts.logs} of ${amount(facts.logBytes, 'bytes')}`, '');
  for (const finding of findings) lines.push(...findingLines(finding), '');
  for (const { check, why } of skipped) lines.push(`not looked at: ${check}: ${why}`);
  lines.push(healthy ? 'nothing is wrong' : summaryOf(findings));
  return `${lines.join('\n')}\n`;
}

function findingLines({ code, severity, what, evidence, remedy, columnFamily }: DatabaseFinding) {
  const where = columnFamily === undefined ? '' : ` (column family ${columnFamily})`;
  return [
    `${severity} ${code}${where}: ${what}`,
    ...evidence.map((line) => `  - ${line}`),
    `  remedy: ${remedy}`,
  ];
}

function summaryOf(findings: readonly DatabaseFinding[]): string {
  const count = (severity: string) => findings.filter((each) => each.severity === severity).length;
  return `${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`;
}
