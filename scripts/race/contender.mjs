// contender.mjs ID FOLDER ENTRY: one of the processes that race for the database FOLDER/db; ENTRY is the URL of
// the package. It is told what to do by lines on its standard input, and answers each with one line:
//
//   try AT      attempt to open it once, at the time AT (milliseconds since 1970): `held`, or `refused PID`
//   seek SEED   attempt again and again: `held` or, once there was a line `stop`, `stopped`
//   close       close what is open: `closed`
//   verify      open it, check all that is in it: `verified COUNT`
//
// Whoever has it open writes that to FOLDER/witness.log, which knows nothing of locks (see witness.mjs), and counts
// in the database, with sync.
import * as fs from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { random } from './random.mjs';

const [id, folder, entry] = process.argv.slice(2);
const { Engine, RocksDB } = await import(entry);

const HEARTBEAT_MS = 3;
const TEXT = { keyEncoding: 'utf8', valueEncoding: 'utf8' };
const key = (count) => `entry/${String(count).padStart(9, '0')}`;

const witness = fs.openSync(`${folder}/witness.log`, 'a');
const note = (...words) => fs.writeSync(witness, `${words.join(' ')}\n`);
const say = (...words) => fs.writeSync(1, `${words.join(' ')}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const engine = await Engine.create();
let db;
let heartbeat;
let stopped = false;

const open = () =>
  RocksDB.open(`${folder}/db`, { engine, createIfMissing: true, onUnreleased: () => {}, ...TEXT });

/** The database, or the error by which it is held. */
async function attempt() {
  try {
    return await open();
  } catch (error) {
    if (error.code !== 'ERR_ROCKSDB_LOCKED') throw error;
    return error;
  }
}

/** From here until close() this process is the only one that has it, or the log will tell. */
function enter(opened) {
  db = opened;
  const count = Number(db.get('count') ?? 0);
  note('enter', id, count);
  const batch = db.batch();
  batch.put('count', String(count + 1)).put(key(count + 1), id);
  db.write(batch, { sync: true });
  batch.free();
  note('count', id, count + 1);
  heartbeat = setInterval(() => note('in', id), HEARTBEAT_MS);
}

async function tryAt(at) {
  await sleep(Math.max(0, at - Date.now() - 2));
  while (Date.now() < at);
  const result = await attempt();
  if (!(result instanceof RocksDB)) return `refused ${result.owner?.pid}`;
  enter(result);
  return 'held';
}

async function seek(seed) {
  stopped = false;
  const next = random(seed);
  while (!stopped) {
    const result = await attempt();
    if (result instanceof RocksDB) {
      enter(result);
      return 'held';
    }
    await sleep(1 + next(40));
  }
  return 'stopped';
}

function close() {
  clearInterval(heartbeat);
  note('leave', id);
  db.close();
  db = undefined;
  return 'closed';
}

async function verify() {
  const opened = await open();
  opened.verifyChecksum();
  const count = Number(opened.get('count') ?? 0);
  const iterator = opened.iterator({ gte: 'entry/', lt: 'entry0' });
  const keys = [...iterator.keys()];
  iterator.free();
  opened.close();
  const whole = keys.length === count && keys.every((each, index) => each === key(index + 1));
  return whole ? `verified ${count}` : `damaged: ${keys.length} entries, count ${count}`;
}

const COMMANDS = {
  try: (at) => tryAt(Number(at)),
  seek: (seed) => seek(Number(seed)),
  close,
  verify,
};

async function obey(line) {
  const [name, argument] = line.split(' ');
  if (name === 'stop') {
    stopped = true;
    return;
  }
  try {
    say(await COMMANDS[name](argument));
  } catch (error) {
    say(`failed ${String(error?.stack ?? error).replaceAll('\n', ' | ')}`);
  }
}

createInterface({ input: process.stdin })
  .on('line', obey)
  .on('close', () => process.exit(0));
say('ready');
