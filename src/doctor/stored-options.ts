/** Checks of the OPTIONS file, which opening takes everything from that is not given. */
import { RocksDBError } from '../errors.js';
import { nameOf } from '../option-errors.js';
import { GROUPS, type OptionGroup } from '../options.gen.js';
import { RocksDB } from '../rocksdb.js';
import type { Examination } from './examination.js';
import { namesOf } from './examination.js';
import { readWholeFile } from './files.js';

/** Of the RocksDB in this package. */
const OWN_VERSION = [9, 10] as const;

export async function examineOptions(exam: Examination): Promise<void> {
  const newest = exam.files
    .filter(({ kind }) => kind === 'options')
    .sort((a, b) => b.number - a.number)[0];
  if (newest === undefined) {
    exam.add({
      code: 'OPTIONS_MISSING',
      severity: 'warning',
      what: 'there is no OPTIONS file, so that comparator, merge operator and the like must be given at opening',
      evidence: [`no OPTIONS-N in ${exam.path}`],
      remedy: 'open it for writing once, with the options that it was made with: that writes one',
    });
    return;
  }
  const text = new TextDecoder().decode(readWholeFile(exam.fileSystem, newest.path));
  const version = /^\s*rocksdb_version=(\d+)\.(\d+)/m.exec(text);
  exam.rocksdbVersion = /^\s*rocksdb_version=(\S+)/m.exec(text)?.[1];
  if (version !== null && isNewer(Number(version[1]), Number(version[2]))) {
    const unknown = unknownOptions(text);
    exam.add({
      code: 'OPTIONS_NEWER',
      severity: 'warning',
      what: `the database was last written by RocksDB ${exam.rocksdbVersion}, which is newer than this one (${OWN_VERSION.join('.')})`,
      evidence: [
        newest.name,
        unknown.length === 0
          ? 'all of its options are known here'
          : `options that are not known here, and left out: ${namesOf(unknown.map((name) => ({ name })))}`,
      ],
      remedy: 'write to it with that version, or a newer one; read it here',
    });
  }
  try {
    await RocksDB.loadLatestOptions(exam.path, exam.engineOptions);
  } catch (error) {
    if (!(error instanceof RocksDBError)) throw error;
    exam.add({
      code: 'OPTIONS_DAMAGED',
      severity: 'error',
      what: 'the OPTIONS file cannot be read',
      evidence: [`${newest.name}: ${error.message}`],
      remedy: `move ${newest.name} away: an older one counts then, or the options that are given`,
    });
  }
}

function isNewer(major: number, minor: number): boolean {
  const [ownMajor, ownMinor] = OWN_VERSION;
  return major > ownMajor || (major === ownMajor && minor > ownMinor);
}

/** Which group the lines of a section are of, by its title. */
const SECTIONS: readonly (readonly [RegExp, OptionGroup])[] = [
  [/^\[DBOptions\]/, 'db'],
  [/^\[CFOptions /, 'columnFamily'],
];

function unknownOptions(text: string): string[] {
  const unknown = new Set<string>();
  let group: OptionGroup | undefined;
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('[')) group = SECTIONS.find(([title]) => title.test(line))?.[1];
    const name = /^(\w+)=/.exec(line)?.[1];
    if (group === undefined || name === undefined) continue;
    if (nameOf(group, name) === undefined && !Object.hasOwn(GROUPS[group].leftOut, name)) {
      unknown.add(name);
    }
  }
  return [...unknown];
}
