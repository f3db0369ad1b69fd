// runtime: node
/** Locks where a process may not do everything: under Deno's permissions, and as another user. */
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import process from 'node:process';
import { beforeEach, describe, expect, it } from 'vitest';
import { environment, provide, RUNTIMES, run } from '../scripts/runtime-binaries.mjs';
import { tempFolder } from './support/open.js';
import { copyPackage } from './support/package-copy.js';

const TEST_MS = 60_000;

/** Opens the database twice, for writing and for reading, and says how that went. */
const OPENER = `
const [entry, path, user] = process.argv.slice(2);
const { RocksDB, Engine } = await import(entry);
const engine = await Engine.create();
if (user !== undefined) process.setuid(Number(user));
for (const readOnly of [false, true]) {
  const told = { readOnly };
  try {
    const db = await RocksDB.open(path, { engine, readOnly, valueEncoding: 'utf8' });
    told.value = db.get('k');
    db.close();
  } catch ({ name, code, message, owner }) {
    Object.assign(told, { name, code, message, owner });
  }
  console.log(JSON.stringify(told));
}
engine.free();
`;

const HOLDER = `
const [entry, path] = process.argv.slice(2);
const { RocksDB } = await import(entry);
const db = await RocksDB.open(path, { createIfMissing: true });
db.put('k', 'v', { sync: true });
console.log('open');
setInterval(() => {}, 1000);
`;

interface Told {
  readonly readOnly: boolean;
  readonly value?: string;
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly owner?: { readonly pid: number; readonly since: string; readonly program?: string };
}

interface Place {
  readonly folder: string;
  readonly holder: string;
  readonly entry: string;
  readonly path: string;
  readonly opener: string;
}

function prepare(): Place {
  const folder = tempFolder();
  const entry = copyPackage(`${folder}/package`);
  fs.writeFileSync(`${folder}/opener.mjs`, `import process from 'node:process';${OPENER}`);
  fs.writeFileSync(`${folder}/holder.mjs`, `import process from 'node:process';${HOLDER}`);
  fs.mkdirSync(`${folder}/data`);
  return {
    ...{ folder, entry, path: `${folder}/data/db` },
    ...{ opener: `${folder}/opener.mjs`, holder: `${folder}/holder.mjs` },
  };
}

function ownersIn({ path }: Place): string[] {
  return fs.readdirSync(path).filter((name) => name.startsWith('LOCK.'));
}

/** Runs `work` while another process has the database open; it is killed in the end. */
async function whileHeld(
  { holder, entry, path }: Place,
  work: (pid: number) => Promise<void>,
): Promise<void> {
  const child = spawn(process.execPath, [holder, entry, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  try {
    const first = await new Promise((resolve) => {
      child.stdout.once('data', (data) => resolve(String(data).trim()));
      child.once('close', () => resolve('it ended'));
    });
    expect(first).toBe('open');
    await work(child.pid as number);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** What the opener says: of an open for writing, and of one for reading. */
async function told(command: string, args: readonly string[]): Promise<[Told, Told]> {
  const { output, code } = await run(command, args, { env: environment() });
  expect(code, output).toBe(0);
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.length, output).toBe(2);
  return lines.map((line) => JSON.parse(line)) as [Told, Told];
}

describe('under the permissions of Deno', () => {
  const opened = async (place: Place, ...permissions: string[]) => {
    const { folder, entry, opener, path } = place;
    const options = RUNTIMES.deno.run.filter((option) => option !== '-A');
    const granted = permissions[0] === '-A' ? ['-A'] : [`--allow-read=${folder}`, ...permissions];
    return told(deno, [...options, '--no-prompt', ...granted, opener, entry, path]);
  };
  const writing = ({ path }: Place) => `--allow-write=${path}`;
  let deno = '';

  beforeEach(async ({ skip }) => {
    const binary = await provide(RUNTIMES.deno);
    if (binary === undefined) return skip('no npm package has it for this system');
    deno = binary;
  });

  it(
    'a database is refused while it is held, and after a crash; the error names the permission',
    async () => {
      const place = prepare();
      await whileHeld(place, async (pid) => {
        const [all] = await opened(place, '-A');
        expect(all).toMatchObject({ code: 'ERR_ROCKSDB_LOCKED', owner: { pid } });
        expect(all.message).toContain('(alive)');
        const [narrow, reading] = await opened(place, writing(place));
        expect(narrow).toMatchObject({ code: 'ERR_ROCKSDB_LOCKED', owner: { pid } });
        // Reading takes no lock.
        expect(reading.value).toBe('v');
      });
      for (const permissions of [[], ['--allow-sys', '--allow-run']]) {
        const [refused] = await opened(place, writing(place), ...permissions);
        expect(refused.code).toBe('ERR_ROCKSDB_LOCKED');
        expect(refused.message).toMatch(/Requires (read|all) access to "\/proc\/self\/stat"/);
        const sys = refused.message?.includes('Requires sys access to "hostname"');
        expect(sys).toBe(permissions.length === 0);
        expect(refused.message).toContain(`remove ${place.path}/LOCK.owner.1`);
        expect(Date.parse(refused.owner?.since ?? '')).toBeGreaterThan(0);
      }
      // With all permissions the death of the holder is proven, where the system tells of boots and namespaces.
      const [taken] = await opened(place, '-A');
      expect(taken.value).toBe('v');
      expect(ownersIn(place)).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'a database that nobody holds is opened with those of its folder alone, and left free',
    async () => {
      const place = prepare();
      await whileHeld(place, async () => undefined);
      for (const name of ownersIn(place)) fs.rmSync(`${place.path}/${name}`);
      const [writer, reader] = await opened(place, writing(place));
      expect([writer.value, reader.value]).toEqual(['v', 'v']);
      expect(ownersIn(place)).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'one without a permission to write, or to read, is refused with the name of that',
    async () => {
      const place = prepare();
      await whileHeld(place, async () => undefined);
      for (const name of ownersIn(place)) fs.rmSync(`${place.path}/${name}`);
      const before = fs.readdirSync(place.path);
      const [writer, reader] = await opened(place);
      expect([writer.name, writer.code]).toEqual(['IOError', 'ERR_ROCKSDB_ACCESS_DENIED']);
      expect(writer.message).toContain('Requires write access to');
      expect(reader.value).toBe('v');
      expect(fs.readdirSync(place.path)).toEqual(before);
      const elsewhere = { ...place, path: `${tempFolder()}/db` };
      for (const each of await opened(elsewhere)) {
        expect([each.name, each.code]).toEqual(['IOError', 'ERR_ROCKSDB_ACCESS_DENIED']);
        expect(each.message).toContain('Requires read access to');
      }
    },
    TEST_MS,
  );
});

describe('as another user', () => {
  const NOBODY = '65534';
  const asNobody = ({ opener, entry, path }: Place) =>
    told(process.execPath, [opener, entry, path, NOBODY]);

  beforeEach(({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can be another user');
  });

  it(
    'a holder that may not be signalled counts as alive',
    async () => {
      const place = prepare();
      fs.chmodSync(place.folder, 0o755);
      await whileHeld(place, async (pid) => {
        fs.chmodSync(place.path, 0o777);
        const [refused, reader] = await asNobody(place);
        expect(refused).toMatchObject({ code: 'ERR_ROCKSDB_LOCKED', owner: { pid } });
        expect(refused.message).toContain('(alive)');
        expect(reader.value).toBe('v');
        expect(ownersIn(place)).toEqual(['LOCK.owner.1']);
      });
    },
    TEST_MS,
  );

  it(
    'a folder that may only be read is read, and is not changed by who would write',
    async () => {
      const place = prepare();
      fs.chmodSync(place.folder, 0o755);
      await whileHeld(place, async () => undefined);
      const before = fs.readdirSync(place.path);
      const [writer, reader] = await asNobody(place);
      expect([writer.name, writer.code]).toEqual(['IOError', 'ERR_ROCKSDB_ACCESS_DENIED']);
      expect(reader.value).toBe('v');
      expect(fs.readdirSync(place.path)).toEqual(before);
    },
    TEST_MS,
  );
});
