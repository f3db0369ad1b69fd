// pauses.mjs [--entries N]: how long a single put can take, by how background work is set up.
//
// One thread does everything, so a put that fills a memtable waits for the flush and the compactions it
// causes. Smaller memtables and files make shorter pauses and more write amplification. Prints a table.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({
  options: { entries: { type: 'string', default: '2000000' } },
});

const MIB = 1024 * 1024;
const CONFIGURATIONS = {
  'default (64 MiB memtable)': {},
  'writeBufferSize 16 MiB': { writeBufferSize: 16 * MIB },
  'writeBufferSize 4 MiB, files 4 MiB, maxJobsPerCall 1': {
    writeBufferSize: 4 * MIB,
    targetFileSizeBase: 4 * MIB,
    maxBytesForLevelBase: 16 * MIB,
    maxCompactionBytes: 16 * MIB,
    maxJobsPerCall: 1,
  },
  'writeBufferSize 1 MiB, files 1 MiB, maxJobsPerCall 1': {
    writeBufferSize: MIB,
    targetFileSizeBase: MIB,
    maxBytesForLevelBase: 4 * MIB,
    maxCompactionBytes: 6 * MIB,
    maxJobsPerCall: 1,
  },
};

const rows = [];
for (const [name, options] of Object.entries(CONFIGURATIONS)) {
  process.stderr.write(`${name} ...\n`);
  const args = [
    fileURLToPath(new URL('endurance.mjs', import.meta.url)),
    '--json',
    '--entries',
    flags.entries,
    ...Object.entries(options).flatMap(([option, value]) => ['--option', `${option}=${value}`]),
  ];
  const figures = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  rows.push([
    name,
    figures.usPerPut.toFixed(1),
    figures.p50Us.toFixed(1),
    figures.p999Us.toFixed(0),
    figures.longestMs.toFixed(0),
    String(figures.over250Ms),
    (figures.inUsePeak / MIB).toFixed(0),
  ]);
}
const head = ['set-up', 'µs a put', 'p50 µs', 'p99.9 µs', 'longest ms', '> 250 ms', 'heap MiB'];
const line = (cells) => `| ${cells.join(' | ')} |`;
console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
