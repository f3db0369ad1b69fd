/** Core tests that cannot run behind a worker, and why: by the titles that lead to them. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  'its functions answer the engine at once, which a function of another thread cannot: see fromSetup':
    [
      'a backup > leaves files out that another folder has',
      'a backup > of a database whose comparators are functions is made, checked and restored',
      'a compaction filter of the program > is made by a factory for each job',
      'a compaction filter of the program > keeps, removes and changes',
      'a compaction filter of the program > of a factory that throws is left out',
      'a compaction filter of the program > sees merge operands',
      'a compaction filter of the program > that throws keeps the entry',
      'a comparator of the program > ends an iterator that goes back, at whichever call it throws',
      'a comparator of the program > fails the open when it throws there, and nothing is lost',
      'a comparator of the program > is asked for again when the database is opened, by its name',
      'a comparator of the program > is refused where it is no order',
      'a comparator of the program > loses an iterator its place, until it seeks',
      'a comparator of the program > misplaces and loses nothing when it throws in the middle of a write',
      'a comparator of the program > orders memtables, tables, iterators and bounds',
      'a comparator of the program > refuses the write of a key that it throws for, before anything is done',
      'a comparator of the program > shortens keys in the index, and only where they stay in order',
      'a comparator of the program > that throws in flush and compaction leaves the files as they were',
      'a merge operator of the program > cannot use the database',
      'a merge operator of the program > gets operands in order, and joins them where it can',
      'a merge operator of the program > has its results checked',
      'a merge operator of the program > may be associative',
      'a merge operator of the program > merges on reads, in memtables, tables and compactions',
      'a merge operator of the program > takes results of any size',
      'a merge operator of the program > that throws fails the read; flush and compaction keep the operands',
      'a prefix extractor of the program > bounds iterators and filters tables',
      'a prefix extractor of the program > must give what the key begins with',
      'a prefix extractor of the program > that throws refuses the write, and fails the flush',
      'an index that a comparator left out of order (overwriteKey false) > is not used until the batch is rolled back or cleared',
      'an index that a comparator left out of order (overwriteKey true) > is not used until the batch is rolled back or cleared',
      'checksums of files > are made of every byte, by the function that was given',
      'checksums of files > that cannot be made fail the flush, which resume() tries again',
      'in transactions > a key that the comparator throws for is refused, and the transaction goes on',
      'of a transaction is not used until that is rolled back',
      'stays in order when the key itself is refused',
      'what is put into table files > are the properties that a collector makes',
      'what is put into table files > does not end anywhere when the partitioner throws',
      'what is put into table files > ends where a partitioner says',
      'what is put into table files > is known to the next open, whatever is made of it then',
      'what is put into table files > leave out those of a collector that throws, and are whole',
    ],
  "what a function of the client's throws cannot end a call in another thread": [
    'a backup > is not made when its progress throws',
    'a backup > tells a logger what it does, until it is freed',
    'a backup > tells of its progress, and can be stopped there',
    'a bulk writer > is not stopped by what onProgress throws',
    'a copy of a column family > that fails is dropped',
  ],
  'its function runs in the worker, around calls: rocks.run()': [
    'an iterator pool > gives an iterator back when the function that used it is over, also by an error',
  ],
  'what it does in the same turn of the event loop comes from another thread, and so later': [
    'a copy of a column family > ends with its database',
    'a copy of a column family > has all that is written meanwhile, in whatever way',
  ],
  "its sites are lines of the client's program, which is bridge.mjs here: see worker.test.ts": [
    'a shared database > has leases in its ledger, with their sites at any level',
    'a shared database > is not closed under others',
    'an iterator pool > has the first who waits served first, at the site of the wait',
    'an iterator pool > refuses more than its maximum, and says who has them',
    'an iterator pool > tells of a lease that is held for too long, with its site, once',
    'reports as text > top: by kind, site and owner',
    'reports as text > why: one handle in words',
    'the level > sample: the first sites of each kind, and few of many',
    'the level > track: every site, and the time of the last use',
    'transactions > are reported when they were forgotten, and their locks and changes go',
    'what is borrowed > is named with the place where the borrower was made',
    'what is borrowed > may be a snapshot that is retained: the last release() frees it',
  ],
  'records are copies: they do not go on changing': [
    'the level > access: the first and the newest uses, and some between',
  ],
  'entries are read ahead: the iterator has been used more often, and gives what it has': [
    'policies > free iterators at the end of their time, and with them the files that they kept',
    'the level > count: no sites, but when each handle was made and used',
  ],
  "a client's batch is in its own memory, not on the wasm heap nor in the ledger": [
    'a bulk writer > has batches that say what they hold',
    'a bulk writer > refuses what has no room in the budget, and names who has it',
    'handles > of a database are unusable once it is closed, and so is it',
    'handles > that were not freed are told by close(), dependants first',
    'reports as text > diff: what came and went',
    'the content of batches > is looked through before it is taken',
    'the content of batches > is told, operation by operation',
    'the level > can be changed at any time, for what comes',
  ],
  'a view of linear memory cannot leave its thread': [
    'pinned slices > are handles: owned by the database, freed once, and not usable afterwards',
    'pinned slices > are the value, wherever it is, and go on when it is written anew',
    'pinned slices > give fresh views, and copies of one’s own, while memory grows',
    'pinned slices > take the options of get',
  ],
  "the warning is one of the worker's process, not this thread's": [
    'a bulk writer > is disposed of as it is left: closed, or freed with a warning',
  ],
  "each call's error is an object of its own": [
    'a bulk writer > stops at a batch that cannot be written, and says how far it came',
  ],
  'it stops the engine through its insides': [
    'a shared database > goes with its engine, and with its crash nothing stays behind',
  ],
};

/** What only the way from the worker to these tests cannot do; worker.test.ts has such values on Deno, too. */
const ON_DENO: Readonly<Record<string, string>> = {
  'puts, gets and deletes > takes values of 100 KB and 20 MB':
    "Deno's receiveMessageOnPort() looks at each byte of what comes, which takes minutes",
};

/** Reasons by title. One that no test has fails the run. */
export const NOT_THROUGH_A_WORKER: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(REASONS).flatMap(([reason, titles]) => titles.map((title) => [title, reason])),
  ),
  ...('Deno' in globalThis ? ON_DENO : {}),
};
