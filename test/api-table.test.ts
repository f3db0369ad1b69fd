// runtime: node The table of RocksDB's names: its parser, its look into our types, and that it
// fails when it should.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Entity, parseHeader } from '../scripts/api-table/parse.mjs';
import { type Area, faultsOf, readHeaders, readTable } from '../scripts/api-table/read.mjs';
import { at, camel, no, type } from '../scripts/api-table/rows.mjs';
import { openTargets } from '../scripts/api-table/targets.mjs';
import { tempFolder } from './support/open.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const parse = (text: string) => parseHeader(text, 'x.h');
const names = (entities: readonly Entity[]) => entities.map(({ kind, name }) => `${kind} ${name}`);
const inClass = (body: string) => names(parse(`class C {\n public:\n${body}\n};`)).slice(1);

describe('tokens', () => {
  it('takes nothing from comments, and keeps strings that look like comments', () => {
    const text = `
      /* void gone(); */ // void gone_too(); \\
      void gone_as_well();
      const char* const kUrl = "http://x"; /* " */ void f(char c = '"', char d = '/'); // "
      const char* const kRaw = R"x(/* ) " void no(); )x"; void g();
      const long kBig = 1'000'000; void h();`;
    expect(names(parse(text)).filter((name) => name.startsWith('function'))).toEqual([
      'function f',
      'function g',
      'function h',
    ]);
  });

  it('decides conditions, and fails on those that it does not know', () => {
    const text = '#ifdef _WIN32\nvoid a();\n#elif _WIN32\nvoid b();\n#else\nvoid c();\n#endif\n';
    expect(names(parse(text))).toEqual(['function c']);
    expect(
      names(parse('#ifdef NDEBUG\n#ifdef OS_WIN\nvoid a();\n#endif\nvoid b();\n#endif')),
    ).toEqual(['function b']);
    expect(() => parse('\n#ifdef SURPRISE\nvoid a();\n#endif')).toThrow("x.h:2: '#ifdef SURPRISE'");
    expect(() => parse('#ifdef NDEBUG\nvoid a();')).toThrow('without its #endif');
    expect(() => parse('#endif')).toThrow('without its #if');
  });

  it('leaves macros out, those over several lines and those within declarations', () => {
    const text = `
      #define LONG(x) \\
        class Hidden {  \\
        }
      extern ROCKSDB_LIBRARY_API void f(int);
      ROCKSDB_DEPRECATED_FUNC virtual int old();
      void log(const char* format, ...) ROCKSDB_PRINTF_FORMAT_ATTR(1, 2);
      void packed() __attribute__((noinline, aligned(8)));`;
    const found = parse(text);
    expect(names(found)).toEqual(['function f', 'function old', 'function log', 'function packed']);
    expect(found.map(({ deprecated }) => deprecated)).toEqual([false, true, false, false]);
  });
});

describe('declarations', () => {
  it('tells functions from variables that have parentheses in them', () => {
    expect(
      inClass(`
        std::map<int, std::vector<std::pair<int, int>>> f(std::function<void(int, std::vector<int>)> done = nullptr);
        std::function<void(const std::vector<int>&)> field = nullptr;
        void (*pointer)(int) = nullptr;
        decltype(f()) g(int a = h(1, 2), S s = {1, {2}});
        int bits : 3, more, *last = nullptr, array[4];
        std::map<int, int> m = std::map<int, int>();
        static const int kSum = (1 < 2) + 3;`),
    ).toEqual([
      'method C::f',
      'field C::field',
      'field C::pointer',
      'method C::g',
      'field C::bits',
      'field C::more',
      'field C::last',
      'field C::array',
      'field C::m',
      'field C::kSum',
    ]);
  });

  it('counts each overload, and knows constructors, destructors and operators', () => {
    const text = `class C {
     public:
      C() : a_{1}, b_(f({2})), c_<int>{3} {}
      explicit C(int a) noexcept(false);
      C(const C&) = delete;
      virtual ~C();
      C& operator=(const C&) = default;
      bool operator()(int) const;
      operator bool() const;
      bool operator<(const C& other) const { return a_ < other.a_; }
      void f(int) const&;
      void f(double) = 0;
      template <typename T, typename = std::enable_if_t<(sizeof(T) > 4)>>
      auto g(T&& t) -> std::vector<T>;
      private: int a_; };`;
    const found = parse(text).slice(1);
    expect(found.map(({ name, special }) => `${name} ${special ?? ''}`.trim())).toEqual([
      'C::C constructor',
      'C::C constructor',
      'C::~C destructor',
      'C::operator= operator',
      'C::operator() operator',
      'C::operator bool operator',
      'C::operator< operator',
      'C::f',
      'C::f',
      'C::g',
    ]);
    expect(found.filter(({ name }) => name === 'C::f').map(({ parameters }) => parameters)).toEqual(
      ['int', 'double'],
    );
  });

  it('keeps to what is public, nested classes included', () => {
    const text = `
      namespace ROCKSDB_NAMESPACE {
      class Forward;
      class Outer : public Base<int>, private Hidden, virtual protected Other {
        void no();
        struct NoEither { int x; };
       public:
        struct Inner { int a; union { int b; double c; }; private: int d; };
        friend class Friend;
        friend bool operator==(const Outer&, const Outer&) { return true; }
        using Alias = std::vector<int>;
        typedef void (*Callback)(int, void*);
       protected:
        void nor();
        enum Hid { kA };
       public:
        enum class Kind : unsigned char { kA = 1 << 2, kB = f(1, 2), kC };
      };
      namespace inner { struct tm* local(); class Deep final { public: Deep(); }; }
      inline void Outer::no() { if (true) { } }
      inline Outer& Outer::operator=(const Outer& o) { return *this; }
      }
      namespace { void unnamed(); }
      namespace std { template <> struct hash<rocksdb::Outer> { int operator()(int) const; }; }`;
    const found = parse(text);
    expect(names(found)).toEqual([
      'class Outer',
      'struct Outer::Inner',
      'field Outer::Inner::a',
      'field Outer::Inner::b',
      'field Outer::Inner::c',
      'alias Outer::Alias',
      'alias Outer::Callback',
      'enum Outer::Kind',
      'function inner::local',
      'class inner::Deep',
      'method inner::Deep::Deep',
    ]);
    expect(found[0]?.bases).toEqual(['Base']);
    expect(found.find(({ name }) => name === 'Outer::Kind')?.values).toEqual(['kA', 'kB', 'kC']);
  });

  it('fails on what it does not understand, with file and line', () => {
    expect(() => parse('class C {\n public:\n  void f(;\n};')).toThrow(
      "x.h:4: '}' closes '(' of line 3",
    );
    expect(() => parse('\nvoid f() { if (x) {')).toThrow(/x\.h:2: .*never closed/);
    expect(() => parse('void f();\n}')).toThrow(/x\.h:2/);
    expect(() => parse('public:\n')).toThrow('access specifier outside');
    expect(() => parse('int x @ 3;')).toThrow("'@' begins no token");
    expect(() => parse('std::vector<int x;')).toThrow('never closed');
  });

  it('finds in RocksDB 9.10 what clang finds (scripts/api-table/clang.mjs)', () => {
    const counts: Record<string, number> = {};
    for (const [header, text] of readHeaders(path.join(ROOT, 'rocksdb-src/rocksdb'))) {
      for (const { kind } of parseHeader(text, header)) counts[kind] = (counts[kind] ?? 0) + 1;
    }
    expect(counts).toMatchObject({
      class: 192,
      struct: 163,
      enum: 105,
      field: 1299,
      method: 2642,
      function: 1076,
    });
  });
});

describe('targets', () => {
  const targets = openTargets(ROOT, {
    '.': path.join(ROOT, 'src/index.ts'),
    './testing': path.join(ROOT, 'src/testing/index.ts'),
  });

  it.each([
    'RocksDB#get',
    'RocksDB.open',
    'RocksDB#put({sync})',
    'RocksDB#columnFamilyNames[]',
    'ReadOptions.snapshot.sequenceNumber',
    "ColumnFamilyOptions.compression='lz4'",
    "ColumnFamilyOptions.prefixExtractor='fixed:4'",
    'ColumnFamilyOptions.compactionOptionsUniversal.sizeRatio',
    'RocksDB.open().get',
    'testing/withDb',
    'Snapshot#free',
  ])('finds %s', (target) => {
    expect(targets.missing(target)).toBeUndefined();
  });

  it.each([
    ['Nothing', 'Nothing is not exported'],
    ['RocksDB#nothing', 'RocksDB has no #nothing'],
    ['RocksDB.get', 'RocksDB has no .get'],
    ['RocksDB#open', 'RocksDB has no #open'],
    ['RocksDB#put({nothing})', 'RocksDB#put has no ({nothing})'],
    ["ColumnFamilyOptions.compression='lz5'", "ColumnFamilyOptions.compression has no ='lz5'"],
    ["ColumnFamilyOptions.prefixExtractor='fixed:x'", 'ColumnFamilyOptions.prefixExtractor has no'],
    // What every string and every function has, and what is not public.
    ["DBOptions.walDir='x'", "DBOptions.walDir has no ='x'"],
    ['DBOptions.walDir.length', 'DBOptions.walDir has no .length'],
    ['RocksDB.name', 'RocksDB has no .name'],
    ['RocksDB#toString', 'RocksDB has no #toString'],
    ['Snapshot#holders', 'Snapshot has no #holders'],
    ['Snapshot#id', 'Snapshot has no #id'],
    ['withDb', 'withDb is not exported'],
    ['nowhere/withDb', 'the package has no entry ./nowhere'],
  ])('does not find %s', (target, why) => {
    expect(targets.missing(target)).toContain(why);
  });

  it('looks through promises, unions, optional parameters, overloads and inherited members', () => {
    const file = path.join(tempFolder(), 'module.ts');
    fs.writeFileSync(
      file,
      `interface Options { a?: { deep: 'x' | 'y' }[] | undefined }
      abstract class Base<T> { inherited(): T | undefined { return undefined; } }
      export class Thing extends Base<{ field: 1 }> {
        static async make(options?: Options | (() => void)): Promise<Thing[]> { return []; }
        over(first: string): void;
        over(first: number, second?: { late: 1 } | null): void;
        over(): void {}
        refuses(): never { throw new Error(); }
        protected kept = 1;
        private own = 1;
        /** @internal */ inside = 1;
        loose: any;
      }
      export const things = { one: (): Thing => new Thing() };`,
    );
    const { missing } = openTargets(ROOT, { '.': file });
    for (const target of [
      'Thing.make({a})[].deep',
      "Thing.make({a})[].deep='y'",
      'Thing.make()[].inherited().field',
      'Thing#over({late})',
      'things.one().over',
    ]) {
      expect(missing(target), target).toBeUndefined();
    }
    for (const target of [
      'Options',
      'Base',
      "Thing.make({a})[].deep='z'",
      'Thing.make().inherited',
      'Thing#make',
      'Thing#refuses',
      'Thing#kept',
      'Thing#own',
      'Thing#inside',
      'Thing#loose.any',
      'things.two',
    ]) {
      expect(missing(target), target).toMatch(/is not exported|has no/);
    }
  });

  it('refuses what is not of the grammar', () => {
    expect(() => targets.missing('RocksDB#get()!')).toThrow("'!' is not of the grammar");
    expect(() => targets.missing('#get')).toThrow('does not begin with a name');
  });

  it('names members as RocksDB does, in camelCase', () => {
    const made = [
      'write_buffer_size',
      'NewIterator',
      'SyncWAL',
      'WAL_size_limit_MB',
      'verify_checksums_',
    ];
    expect(made.map(camel)).toEqual([
      'writeBufferSize',
      'newIterator',
      'syncWAL',
      'walSizeLimitMB',
      'verifyChecksums',
    ]);
  });
});

describe('the table', () => {
  const known = new Set(['A#get', 'A.open', 'A#get({timestamp})', 'DBOptions.maxOpenFiles']);
  const targets = {
    missing: (target: string) => (known.has(target) ? undefined : `${target} is not there`),
  };
  const c = `
    extern ROCKSDB_LIBRARY_API char* rocksdb_get(int);
    extern ROCKSDB_LIBRARY_API char*
    rocksdb_get_with_ts(int);
    /* extern ROCKSDB_LIBRARY_API void rocksdb_gone(int); */
    extern ROCKSDB_LIBRARY_API void rocksdb_options_set_max_open_files(void (*)(int));`;
  const cpp = `class A { public: A(); void Get(int); void Get(double); static A* Open(); };
    struct Env { void Poll(); };`;
  const headers = (more = '') =>
    new Map([
      ['c.h', c + more],
      ['a.h', cpp],
    ]);
  const map = (more: Partial<Area> = {}): Area[] => [
    {
      area: 'all',
      c: { rocksdb_get: 'A#get', ...more.c },
      cpp: {
        A: type('A.open', { methods: 'A#{}', names: { Open: 'A.open' } }),
        Env: no('engine'),
        ...more.cpp,
      },
    },
  ];
  const faults = (text: Map<string, string>, areas: Area[]) =>
    faultsOf(readTable(text, targets, areas), targets);

  it('is complete when everything has its place', () => {
    const table = readTable(headers(), targets, map());
    expect(table.c.map(({ mapped }) => mapped?.at)).toEqual([
      ['A#get'],
      ['A#get({timestamp})'],
      ['DBOptions.maxOpenFiles'],
    ]);
    expect(
      table.cpp.map(({ name, count, mapped }) => [name, count, mapped?.at ?? mapped?.why]),
    ).toEqual([
      ['A', 1, ['A.open']],
      ['A::(construction, operators)', 1, ['A.open']],
      ['A::Get', 2, ['A#get']],
      ['A::Open', 1, ['A.open']],
      ['Env', 1, 'engine'],
      ['Env::Poll', 1, 'engine'],
    ]);
    expect(faultsOf(table, targets)).toEqual([]);
  });

  it('has a fault for a name of ours that does not exist', () => {
    expect(
      faults(
        headers(),
        map({ cpp: { A: type('A.open', { methods: 'B#{}', names: { Open: 'A.open' } }) } }),
      ),
    ).toEqual(['B#get, for A::Get: B#get is not there']);
  });

  it('has a fault for what the map does not know, in c.h and elsewhere', () => {
    const text = headers('extern ROCKSDB_LIBRARY_API void rocksdb_new(int);');
    text.set('b.h', 'void fresh();');
    expect(faults(text, map())).toEqual([
      'c.h: rocksdb_new is not in the map',
      'b.h:1: fresh is not in the map',
      'c.h: 75.0 % have a counterpart; at least 95.0 % must',
    ]);
  });

  it('has a fault for entries of the map that the headers do not have', () => {
    const more = { c: { rocksdb_old: 'A#get' }, cpp: { Old: 'A.open' } };
    expect(faults(headers(), map(more))).toEqual([
      'the map has rocksdb_old, which is not in the headers',
      'the map has Old, which is not in the headers',
    ]);
    const twice = [...map(), { area: 'other', cpp: { A: 'A.open' } }];
    expect(() => faults(headers(), twice)).toThrow('A stands in the map twice');
  });

  it('has a fault when too much of c.h has only a reason', () => {
    expect(faults(headers(), map({ c: { rocksdb_get: no('wasm', 'no such thing') } }))).toEqual([
      'c.h: 33.3 % have a counterpart; at least 95.0 % must',
    ]);
    expect(() => no('because')).toThrow("'because' is not a reason");
    expect(at('A#get', 'so')).toEqual({ at: ['A#get'], note: 'so' });
  });

  it('knows all functions of c.h: as many as have the mark', () => {
    const text = fs.readFileSync(
      path.join(ROOT, 'rocksdb-src/rocksdb/include/rocksdb/c.h'),
      'utf8',
    );
    const marks = text
      .split('\n')
      .filter((line) => /^extern ROCKSDB_LIBRARY_API\b/.test(line)).length;
    const found = readTable(new Map([['c.h', text]]), targets, []).c;
    expect([marks, found.length]).toEqual([877, 877]);
  });
});
