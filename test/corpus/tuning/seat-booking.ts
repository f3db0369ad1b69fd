/** Seats of a theatre are booked with locks; who meets a lock is told to try again later. */
import { BusyError, type RocksDBError, type Transaction, TransactionDB } from 'rocksdb-wasm';
import { program, type World } from '../world.js';

const SEATS = 300;

type Theatre = TransactionDB<'utf8', 'utf8'>;
type Booking = Transaction<'utf8', 'utf8'>;

interface State {
  readonly theatre: Theatre;
  /** Chosen, not yet paid for. */
  readonly chosen: Booking[];
  busy: number;
}

const seatOf = (seat: number) => `seat/${seat}`;
const isLocked = (error: unknown) =>
  error instanceof BusyError || (error as RocksDBError).code === 'ERR_ROCKSDB_TIMED_OUT';

/** Locks the seats for a customer, or undefined when another is about to take one of them. */
function choose(state: State, seats: readonly number[]): Booking | undefined {
  const booking = state.theatre.beginTransaction();
  try {
    for (const seat of seats) booking.getForUpdate(seatOf(seat));
    for (const seat of seats) booking.put(seatOf(seat), 'taken');
    return booking;
  } catch (error) {
    if (!isLocked(error)) throw error;
    booking.rollback();
    state.busy++;
    return undefined;
  }
}

function pay({ chosen }: State): void {
  const booking = chosen.shift();
  booking?.commit();
  booking?.free();
}

function show({ theatre }: State, { random }: World): void {
  const row = theatre.iterator({ gte: seatOf(random.below(SEATS)), limit: 8 });
  try {
    for (const [seat, taken] of row) if (taken === 'gone') theatre.delete(seat);
  } finally {
    row.free();
  }
}

export default program({
  everyMs: 25,

  setup(world): State {
    const theatre: Theatre = TransactionDB.openSync(world.path('theatre'), world.settings);
    return { theatre, chosen: [], busy: 0 };
  },

  operation(state, world) {
    const { random } = world;
    show(state, world);
    const first = random.below(SEATS);
    for (const seats of [
      [first, (first + 1) % SEATS],
      world.chance('same', 1 / 20) ? [first] : [],
    ]) {
      if (seats.length === 0) continue;
      const booking = choose(state, seats);
      if (booking !== undefined) state.chosen.push(booking);
    }
    while (state.chosen.length > 3) pay(state);
  },

  settle(state) {
    while (state.chosen.length > 0) pay(state);
  },

  teardown({ theatre }) {
    theatre.close();
  },
});
