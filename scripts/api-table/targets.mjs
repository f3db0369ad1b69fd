// Does a name exist in our public types? Asked of the TypeScript compiler, over the sources.
//
// A target is a path from something that src/index.ts (or another entry) exports:
//   RocksDB#get              a public member of the class's instances
//   RocksDB.open             a static member of a class, a property of an interface or an object
//   ReadOptions.snapshot     the same
//   flushAll                 a function, class, interface, type or constant
//   RocksDB#put({timestamp}) one of the method's parameters has that property
//   RocksDB#getLiveFiles()[].size   of what the method returns (or resolves to), of its elements
//   CompressionType='lz4'    that text is a value of the type
//   testing/expectNoLeaks    of the entry `./testing`; without a folder it is that of `.`
import * as path from 'node:path';
import ts from 'typescript';

const STEP = /#\w+|\.\w+|\(\{\w+\}\)|\(\)|\[\]|='[^']*'/y;

/**
 * `RocksDB#put({timestamp})` -> { entry: '.', root: 'RocksDB', steps: ['#put', '({timestamp})'] }
 */
export function parseTarget(target) {
  const [, folder, root] = /^(?:([\w-]+)\/)?([A-Za-z_$]\w*)/.exec(target) ?? [];
  if (root === undefined) throw new Error(`'${target}' does not begin with a name`);
  const steps = [];
  STEP.lastIndex = (folder === undefined ? 0 : folder.length + 1) + root.length;
  while (STEP.lastIndex < target.length) {
    const at = STEP.lastIndex;
    const step = STEP.exec(target)?.[0];
    if (step === undefined)
      throw new Error(`'${target}': '${target.slice(at)}' is not of the grammar`);
    steps.push(step);
  }
  return { entry: folder === undefined ? '.' : `./${folder}`, root, steps };
}

/**
 * `entries`: entry of the package (`.`, `./testing`) -> source file. Returns `missing(target)`:
 * undefined when it exists, otherwise what is not there.
 */
export function openTargets(root, entries) {
  const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [], include: [] },
    ts.sys,
    root,
  );
  const files = Object.values(entries);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const exported = new Map();
  for (const [entry, file] of Object.entries(entries)) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is not a module that can be read`);
    exported.set(
      entry,
      new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol])),
    );
  }
  return { missing: (target) => missing(checker, exported, target) };
}

function missing(checker, exported, target) {
  const { entry, root, steps } = parseTarget(target);
  const symbols = exported.get(entry);
  if (symbols === undefined) return `the package has no entry ${entry}`;
  let symbol = symbols.get(root);
  if (symbol === undefined) return `${root} is not exported`;
  if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  // What a step looks at: the symbol's own type, as a value or as a type, by what the step is.
  let type;
  let walked = root;
  for (const step of steps) {
    type = next(checker, symbol, type, step);
    symbol = undefined;
    if (type === undefined) return `${walked} has no ${step}`;
    walked += step;
  }
  return undefined;
}

const isHidden = (property) =>
  (property.declarations ?? []).some(
    (declaration) =>
      ts.getCombinedModifierFlags(declaration) &
      (ts.ModifierFlags.Private | ts.ModifierFlags.Protected),
  ) || (property.getJsDocTags?.() ?? []).some(({ name }) => name === 'internal');

/**
 * The type that a step leads to, or undefined. At the beginning there is a symbol, afterwards a
 * type.
 */
function next(checker, symbol, type, step) {
  if (step.startsWith('#'))
    return member(checker, type ?? instanceOf(checker, symbol), step.slice(1));
  if (step.startsWith('.'))
    return member(checker, type ?? plainType(checker, symbol), step.slice(1));
  const from = type ?? plainType(checker, symbol);
  if (step === '[]') return from && elementOf(checker, from);
  if (step.startsWith("='"))
    return hasValue(checker, type ?? declared(checker, symbol), step.slice(2, -1));
  const signatures = (from && checker.getNonNullableType(from).getCallSignatures()) ?? [];
  if (step === '()') {
    const result = signatures[0] && checker.getReturnTypeOfSignature(signatures[0]);
    return result && (checker.getAwaitedType(result) ?? result);
  }
  const name = step.slice(2, -2);
  for (const signature of signatures) {
    for (const parameter of signature.getParameters()) {
      const found = member(checker, checker.getTypeOfSymbol(parameter), name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const declared = (checker, symbol) =>
  symbol.flags & ts.SymbolFlags.Type
    ? checker.getDeclaredTypeOfSymbol(symbol)
    : checker.getTypeOfSymbol(symbol);

const instanceOf = (checker, symbol) =>
  symbol.flags & ts.SymbolFlags.Class ? checker.getDeclaredTypeOfSymbol(symbol) : undefined;

/** `.name` and calls are of the class itself, of an interface's or type's instances, of a value. */
const plainType = (checker, symbol) =>
  symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Value)
    ? checker.getTypeOfSymbol(symbol)
    : checker.getDeclaredTypeOfSymbol(symbol);

/** Of a union, any member of it may have the property (`undefined` and null have none). */
function member(checker, type, name) {
  if (type === undefined) return undefined;
  const bare = checker.getNonNullableType(type);
  const base = checker.getBaseConstraintOfType(bare) ?? bare;
  for (const each of base.isUnion() ? base.types : [base]) {
    const property = checker.getPropertyOfType(checker.getApparentType(each), name);
    if (property === undefined || isHidden(property) || isCommon(property)) continue;
    if (isRefusal(checker, property)) continue;
    return checker.getTypeOfSymbol(property);
  }
  return undefined;
}

/**
 * What every object, string or handle of ours has is nobody's counterpart, but for how it is freed.
 */
const isCommon = (property) =>
  /\/typescript\/lib\/lib\./.test(fileOf(property)) ||
  (/\/native\/native-object\.ts$/.test(fileOf(property)) &&
    !['free', 'freed'].includes(property.name));

/** A method that always throws. */
const isRefusal = (checker, property) => {
  const signatures = checker.getTypeOfSymbol(property).getCallSignatures();
  return (
    signatures.length > 0 &&
    signatures.every(
      (signature) => checker.getReturnTypeOfSignature(signature).flags & ts.TypeFlags.Never,
    )
  );
};

const fileOf = (property) => property.declarations?.[0]?.getSourceFile().fileName ?? '';

function elementOf(checker, type) {
  const bare = checker.getNonNullableType(type);
  return checker.getIndexTypeOfType(bare, ts.IndexKind.Number) ?? undefined;
}

/**
 * A text that the type names, or that one of its templates (`fixed:${number}`) takes; not just any
 * string.
 */
function hasValue(checker, type, text) {
  const bare = type && checker.getNonNullableType(type);
  if (bare === undefined) return undefined;
  const literal = checker.getStringLiteralType(text);
  return (bare.isUnion() ? bare.types : [bare]).find(
    (each) =>
      (each.isStringLiteral() && each.value === text) ||
      (each.flags & ts.TypeFlags.TemplateLiteral && checker.isTypeAssignableTo(literal, each)),
  );
}
