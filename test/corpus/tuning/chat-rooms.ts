/** A chat whose conversations become more and longer, each with a cursor; it is all used, and it all ends. */
import type { DBIterator } from 'rocksdb-wasm';
import { type Database, program, type World } from '../world.js';

const ROOMS = 60;
const MESSAGES = 400;
/** Operations in which arrivals and stays double; growth ends after three times that. */
const DOUBLES_IN = 8000;
const STAY_AT_FIRST = 60;

interface Guest {
  readonly messages: DBIterator<string, string>;
  readonly leavesAt: number;
}

interface Chat {
  readonly db: Database;
  guests: Guest[];
  ticks: number;
  written: number;
}

const growth = (ticks: number) => 2 ** Math.min(3, ticks / DOUBLES_IN);

function enter({ db, guests, ticks }: Chat, { random }: World): void {
  const messages = db.iterator({ prefix: `${random.skewed(ROOMS)}/`, reverse: true });
  const stay = random.exponential(STAY_AT_FIRST * growth(ticks));
  guests.push({ messages, leavesAt: ticks + 1 + Math.round(stay) });
}

function leave(chat: Chat, now: number): void {
  const stay: Guest[] = [];
  for (const guest of chat.guests) {
    if (guest.leavesAt <= now) guest.messages.free();
    else stay.push(guest);
  }
  chat.guests = stay;
}

function talk(chat: Chat, { random }: World): void {
  for (let i = 0; i < 2; i++) {
    const place = `${random.skewed(ROOMS)}/${String(chat.written++ % MESSAGES).padStart(3, '0')}`;
    chat.db.put(place, `message ${chat.written}`);
  }
  if (chat.guests.length === 0) return;
  const { messages } = random.pick(chat.guests);
  messages.refresh();
  messages.nextMany(6);
}

export default program({
  everyMs: 30,

  setup(world): Chat {
    return { db: world.open('chat'), guests: [], ticks: 0, written: 0 };
  },

  operation(chat, world) {
    const arrivals = 0.05 * growth(++chat.ticks);
    if (world.mode === 'test' ? chat.ticks % 4 === 0 : world.random.float() < arrivals) {
      enter(chat, world);
    }
    leave(chat, chat.ticks);
    talk(chat, world);
  },

  settle(chat) {
    leave(chat, Number.POSITIVE_INFINITY);
    chat.ticks = 0;
  },

  teardown({ db }) {
    db.close();
  },
});
