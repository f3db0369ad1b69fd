// gen-worker.mjs [--check]: the classes that src/index.ts exports -> src/worker/api.gen.ts: how each looks through a
// worker (every call a promise), with its documentation, and the table of what may be called there.
// A type that mentions a handle is written anew, too, with the handle's form in place of it.
// --check: writes nothing, exits 1 when the file would change.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';
import {
  ALSO,
  BY_HAND,
  CALLBACKS,
  CLASSES,
  FACTS,
  LOCAL,
  OPAQUE,
  PARTS,
  SKIPPED,
  STANDS_FOR,
} from './worker-map.mjs';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const OUTPUT = path.join(ROOT, 'src/worker/api.gen.ts');
/** Where the declarations are, in memory only. */
const SOURCE = path.join(ROOT, 'dist/declarations');

/** Declarations as they are published: every type is written out, and what is internal is left out. */
function declarations() {
  const host = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(ROOT, 'tsconfig.build.json'),
    { noEmit: false, declaration: true, emitDeclarationOnly: true, stripInternal: true },
    host,
  );
  const files = new Map();
  const first = ts.createProgram([path.join(ROOT, 'src/index.ts')], {
    ...config.options,
    outDir: SOURCE,
  });
  first.emit(undefined, (name, text) => files.set(path.resolve(name), text));
  const compilerHost = ts.createCompilerHost(config.options);
  const { readFile, fileExists, getSourceFile } = compilerHost;
  compilerHost.readFile = (name) => files.get(name) ?? readFile(name);
  compilerHost.fileExists = (name) => files.has(name) || fileExists(name);
  compilerHost.directoryExists = undefined;
  compilerHost.getSourceFile = (name, version, ...rest) =>
    files.has(name)
      ? ts.createSourceFile(name, files.get(name), version, true)
      : getSourceFile.call(compilerHost, name, version, ...rest);
  return ts.createProgram([path.join(SOURCE, 'index.d.ts')], config.options, compilerHost);
}

const program = declarations();
const checker = program.getTypeChecker();

function fail(where, why) {
  throw new Error(`${where}: ${why}`);
}

const resolved = (symbol) =>
  symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias
    ? checker.getAliasedSymbol(symbol)
    : symbol;

const declarationOf = (symbol) =>
  symbol?.declarations?.find(
    (each) =>
      ts.isClassDeclaration(each) ||
      ts.isInterfaceDeclaration(each) ||
      ts.isTypeAliasDeclaration(each),
  );
const isOurs = (node) => node.getSourceFile().fileName.startsWith(`${SOURCE}/`);

const exported = new Map(
  checker
    .getExportsOfModule(
      checker.getSymbolAtLocation(program.getSourceFile(path.join(SOURCE, 'index.d.ts'))),
    )
    .map((symbol) => [symbol.name, resolved(symbol)]),
);

/** The class of a name, exported or in the file that is named beside it. */
function classOf(name, file) {
  if (file === undefined) return exported.get(name) ?? fail(name, 'not exported from src/index.ts');
  const source = program.getSourceFile(path.join(SOURCE, file.replace('.ts', '.d.ts')));
  const symbol = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source))
    .find((each) => each.name === name);
  return resolved(symbol) ?? fail(name, `not in ${file}`);
}

/** Symbols of the classes that are reached through the worker: their names. */
const remote = new Map(
  Object.entries(CLASSES).map(([name, { file }]) => [classOf(name, file), name]),
);
const byHand = new Map(BY_HAND.map((name) => [exported.get(name), name]));

/** Whether a declaration leads to a handle or a callback. */
const mentions = new Map();
function isMentioning(symbol) {
  if (
    remote.has(symbol) ||
    STANDS_FOR[symbol.name] ||
    byHand.has(symbol) ||
    CALLBACKS.includes(symbol.name)
  )
    return true;
  const known = mentions.get(symbol);
  if (known !== undefined) return known;
  const declaration = declarationOf(symbol);
  if (declaration === undefined || !isOurs(declaration)) return false;
  mentions.set(symbol, false); // of a cycle, what else is in it decides
  let found = false;
  const visit = (node) => {
    if (found || ts.isBlock(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const target = symbolOf(node);
      if (target !== undefined && !(target.flags & ts.SymbolFlags.TypeParameter)) {
        if (isMentioning(target)) found = true;
      }
    }
    ts.forEachChild(node, visit);
  };
  if (!ts.isClassDeclaration(declaration)) visit(declaration);
  mentions.set(symbol, found);
  return found;
}

function symbolOf(node) {
  const name = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
  return resolved(checker.getSymbolAtLocation(name));
}

/** Local names in the output, and what they are imported from. */
const imports = new Map();
const names = new Map();
const taken = new Set();
function localName(symbol, wanted) {
  const known = names.get(symbol);
  if (known !== undefined) return known;
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}${i}`;
  taken.add(name);
  names.set(symbol, name);
  return name;
}

const generated = new Map();

/** The name by which a type of ours stands in the output. */
function nameOf(symbol) {
  if (byHand.has(symbol)) return `Async${byHand.get(symbol)}`;
  if (STANDS_FOR[symbol.name]) return `Async${STANDS_FOR[symbol.name]}`;
  if (remote.has(symbol)) return `Async${remote.get(symbol)}`;
  const declaration = declarationOf(symbol);
  if (!isMentioning(symbol)) {
    const name = localName(symbol, symbol.name);
    const file = path
      .relative(path.join(SOURCE, 'worker'), declaration.getSourceFile().fileName)
      .replace(/\.d\.ts$/, '.js');
    imports.set(name, { from: file, symbol: symbol.name });
    return name;
  }
  const name = localName(symbol, `Async${symbol.name}`);
  if (!generated.has(symbol)) {
    generated.set(symbol, ''); // a cycle finds it begun
    generated.set(symbol, declare(declaration, name));
  }
  return name;
}

const textOf = (node) => node.getSourceFile().text.slice(node.getStart(), node.end);

/** The text of a node with the names that stand in the output. */
function rewrite(node) {
  const source = node.getSourceFile().text;
  const edits = [];
  const visit = (each) => {
    if (ts.isTypeReferenceNode(each) || ts.isExpressionWithTypeArguments(each)) {
      const name = ts.isTypeReferenceNode(each) ? each.typeName : each.expression;
      const symbol = symbolOf(each);
      const given = argumentsGiven.get(symbol);
      if (given !== undefined) {
        edits.push([each.getStart(), each.end, rewrite(given)]);
        return;
      }
      const declaration = declarationOf(symbol);
      const own = declaration !== undefined && isOurs(declaration);
      if (own && CALLBACKS.includes(symbol.name)) {
        const inner = [...(each.typeArguments ?? [])].map(rewrite).join(', ');
        imports.set(symbol.name, importOf(symbol));
        const value = `FromSetup<${symbol.name}${inner === '' ? '' : `<${inner}>`}>`;
        const text = [value, ...(ALSO[symbol.name] ?? [])].join(' | ');
        edits.push([each.getStart(), each.end, text.includes('|') ? `(${text})` : text]);
        return;
      }
      if (own) edits.push([name.getStart(), name.end, nameOf(symbol)]);
      for (const argument of each.typeArguments ?? []) visit(argument);
      return;
    }
    if (ts.isTypeQueryNode(each) || ts.isImportTypeNode(each)) {
      edits.push([
        each.getStart(),
        each.end,
        checker.typeToString(checker.getTypeFromTypeNode(each)),
      ]);
      return;
    }
    ts.forEachChild(each, visit);
  };
  visit(node);
  let text = '';
  let at = node.getStart();
  for (const [begin, end, replacement] of edits) {
    text += source.slice(at, begin) + replacement;
    at = end;
  }
  return text + source.slice(at, node.end);
}

function importOf(symbol) {
  const file = declarationOf(symbol).getSourceFile().fileName;
  const from = path.relative(path.join(SOURCE, 'worker'), file).replace(/\.d\.ts$/, '.js');
  return { from, symbol: symbol.name };
}

/** The comment before a declaration, as it is. */
function docOf(node) {
  const docs = node.jsDoc ?? [];
  const last = docs.at(-1);
  return last === undefined ? '' : `${textOf(last)}\n`;
}

const isInternal = (node) =>
  ts.getJSDocTags(node).some((tag) => tag.tagName.text === 'internal') ||
  (node.jsDoc ?? []).some((doc) => textOf(doc).includes('@internal'));

/** An interface or alias of ours, in its form for the worker. */
function declare(declaration, name) {
  const parameters = parametersOf(declaration);
  const doc = docOf(declaration);
  if (ts.isTypeAliasDeclaration(declaration)) {
    return `${doc}export type ${name}${parameters} = ${rewrite(declaration.type)};\n`;
  }
  if (ts.isClassDeclaration(declaration)) return fail(name, 'a class that is not in CLASSES');
  const heritage = (declaration.heritageClauses ?? []).map((each) => ` ${rewrite(each)}`).join('');
  const members = declaration.members
    .filter((member) => !isInternal(member))
    .map((member) => `${docOf(member)}${rewrite(member)}`);
  return `${doc}export interface ${name}${parameters}${heritage} {\n${members.join('\n')}\n}\n`;
}

function parametersOf(node) {
  const list = node.typeParameters;
  return list === undefined ? '' : `<${list.map(rewrite).join(', ')}>`;
}

/** What a call gives, when its answer has come. */
function promised(type, node) {
  if (type === undefined) {
    const inferred = checker.typeToString(checker.getTypeAtLocation(node));
    return fail(node.name?.getText() ?? '', `needs a written type (${inferred})`);
  }
  if (ts.isTypeReferenceNode(type) && type.typeName.getText() === 'Promise') {
    return `Promise<${answered(type.typeArguments[0])}>`;
  }
  if (ts.isThisTypeNode(type)) return 'Chain<this>';
  if (isLoop(type)) return answered(type);
  return `Promise<${answered(type)}>`;
}

/** What is made on the client's side: it is no promise. */
const isLoop = (type) =>
  ts.isTypeReferenceNode(type) &&
  ['IterableIterator', 'WritableStream'].includes(type.typeName.getText());

const ITERATORS = { IterableIterator: 'AsyncIterableIterator', Iterator: 'AsyncIterator' };

function answered(type) {
  if (ts.isTypeReferenceNode(type) && ITERATORS[type.typeName.getText()] !== undefined) {
    const inner = type.typeArguments.map(rewrite).join(', ');
    return `${ITERATORS[type.typeName.getText()]}<${inner}>`;
  }
  if (ts.isFunctionTypeNode(type)) return '() => Promise<void>';
  if (ts.isThisTypeNode(type)) return 'this';
  return rewrite(type);
}

/** What the type parameters of base classes stand for, in the class that is being written. */
const argumentsGiven = new Map();

/** What a class extends, as it is written there. */
function baseOf(declaration) {
  return declaration.heritageClauses?.find((each) => each.token === ts.SyntaxKind.ExtendsKeyword)
    ?.types[0];
}

/** The class and those that it extends up to one that is in CLASSES itself: the last first. */
function chainOf(declaration) {
  const base = baseOf(declaration);
  if (base === undefined || remote.has(symbolOf(base))) return [declaration];
  const above = declarationOf(symbolOf(base));
  above.typeParameters?.forEach((each, index) => {
    const given = base.typeArguments?.[index];
    if (given !== undefined) argumentsGiven.set(checker.getSymbolAtLocation(each.name), given);
  });
  return [...chainOf(above), declaration];
}

/** The class in CLASSES that this one extends, through others or not. */
function remoteBaseOf(declaration) {
  const base = baseOf(chainOf(declaration)[0]);
  return base === undefined ? undefined : base;
}

const isHidden = (member) => {
  const flags = ts.getCombinedModifierFlags(member);
  return (
    (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0 ||
    member.name?.kind === ts.SyntaxKind.PrivateIdentifier ||
    isInternal(member)
  );
};
const isStatic = (member) => (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static) !== 0;

/** Members of a class that a program can see, by name; of overloads all. */
function membersOf(declaration) {
  const members = new Map();
  for (const each of chainOf(declaration)) {
    const own = new Map();
    for (const member of each.members) {
      const name = member.name?.getText();
      if (name === undefined || isHidden(member) || isStatic(member)) continue;
      own.set(name, [...(own.get(name) ?? []), member]);
    }
    for (const [name, list] of own) members.set(name, list);
  }
  return members;
}

const camel = (prefix, name) => `${prefix}${name[0].toUpperCase()}${name.slice(1)}`;

/** The interface of a class in its form for the worker, and its rows of the table. */
function remoteClass(symbol, name) {
  const declaration = declarationOf(symbol);
  const skipped = { ...SKIPPED['*'], ...SKIPPED[name] };
  const table = {};
  const lines = [];
  const members = membersOf(declaration);
  for (const [member, list] of members) {
    if (Object.hasOwn(skipped, member) || OPAQUE.includes(name)) continue;
    const [first] = list;
    const doc = docOf(first);
    if (member === '[Symbol.dispose]' || member === '[Symbol.asyncDispose]') continue;
    if (member === '[Symbol.iterator]' || member === '[Symbol.asyncIterator]') {
      if (table['@iterate'] !== undefined) continue;
      table['@iterate'] = 'call';
      const [item] = first.type.typeArguments;
      lines.push(`${doc}[Symbol.asyncIterator](): AsyncIterableIterator<${rewrite(item)}>;`);
      continue;
    }
    const part = PARTS[`${name}.${member}`] ?? PARTS[`*.${member}`];
    if (part !== undefined) {
      table[member] = 'part';
      const type = first.type === undefined ? `Async${part}` : answered(first.type);
      lines.push(`${doc}readonly ${member}: ${type};`);
      continue;
    }
    if (ts.isMethodDeclaration(first)) {
      const local = LOCAL.includes(`${name}.${member}`);
      table[member] = local ? 'local' : kindOfCall(first.type);
      for (const each of list) {
        const parameters = each.parameters.map(parameter).join(', ');
        const result = local ? rewrite(each.type) : promised(each.type, each);
        lines.push(`${docOf(each)}${member}${parametersOf(each)}(${parameters}): ${result};`);
      }
      continue;
    }
    const isFact =
      ts.isPropertyDeclaration(first) ||
      FACTS.includes(member) ||
      FACTS.includes(`${name}.${member}`);
    if (isFact) {
      table[member] = 'fact';
      const type =
        first.type === undefined
          ? fail(`${name}.${member}`, 'needs a written type')
          : rewrite(first.type);
      lines.push(`${doc}readonly ${member}: ${type};`);
      continue;
    }
    const getter = list.find(ts.isGetAccessorDeclaration);
    const setter = list.find(ts.isSetAccessorDeclaration);
    if (getter === undefined) fail(`${name}.${member}`, 'neither method, property nor getter');
    table[member] = 'get';
    lines.push(`${doc}readonly ${member}: ${promised(getter.type, getter)};`);
    if (setter !== undefined) {
      table[member] = 'getset';
      const [given] = setter.parameters;
      lines.push(
        `/** Sets \`${member}\`. */\n${camel('set', member)}(${parameter(given)}): Promise<void>;`,
      );
    }
  }
  if (OPAQUE.includes(name)) lines.push(`readonly [REMOTE]: '${name}';`);
  const remoteBase = remoteBaseOf(declaration);
  const heir = remoteBase !== undefined && remote.get(symbolOf(remoteBase));
  const base = heir ? ` extends ${rewrite(remoteBase)}` : ' extends AsyncPart';
  const parameters = parametersOf(declaration);
  const own =
    CLASSES[name].doc === undefined ? docOf(declaration) : `/** ${CLASSES[name].doc} */\n`;
  const text = `${own}export interface Async${name}${parameters}${base} {\n${lines.join('\n')}\n}\n`;
  return { text, table: heir ? { '@extends': heir, ...table } : table };
}

/** `async`: it is a promise in the class, too. */
function kindOfCall(type) {
  if (ts.isThisTypeNode(type)) return 'chain';
  return ts.isTypeReferenceNode(type) && type.typeName.getText() === 'Promise' ? 'async' : 'call';
}

/** A parameter, without the default that only the implementation has. */
function parameter(node) {
  const optional = node.questionToken !== undefined || node.initializer !== undefined ? '?' : '';
  const rest = node.dotDotDotToken === undefined ? '' : '...';
  const name = ts.isIdentifier(node.name) ? node.name.text : 'options';
  if (node.type === undefined) {
    const inferred = checker.typeToString(checker.getTypeAtLocation(node));
    return `${rest}${name}${optional}: ${inferred}`;
  }
  return `${rest}${name}${optional}: ${rewrite(node.type)}`;
}

/** Static functions of a class and its constructor, which is called `create`. */
function remoteStatics(symbol, name) {
  const declaration = declarationOf(symbol);
  const lines = [];
  const table = {};
  const skipped = { ...SKIPPED['*'], ...SKIPPED[`${name} (static)`] };
  const seen = new Set();
  for (const each of chainOf(declaration).reverse()) {
    for (const member of each.members) {
      const own = member.name?.getText();
      if (!isStatic(member) || isHidden(member) || !ts.isMethodDeclaration(member)) continue;
      if (seen.has(own) || Object.hasOwn(skipped, own)) continue;
      if (each !== declaration) continue;
      seen.add(own);
      table[own] = kindOfCall(member.type);
      const parameters = member.parameters.map(parameter).join(', ');
      lines.push(
        `${docOf(member)}${own}${parametersOf(member)}(${parameters}): ${promised(member.type, member)};`,
      );
    }
  }
  const made = declaration.members.find(
    (each) => ts.isConstructorDeclaration(each) && !isHidden(each),
  );
  const creates = CLASSES[name].create === true;
  if (creates) {
    table.create = 'new';
    const parameters = (made?.parameters ?? []).map(parameter).join(', ');
    const list = declaration.typeParameters;
    const names = list === undefined ? '' : `<${list.map((each) => each.name.text).join(', ')}>`;
    const doc = made === undefined ? '' : docOf(made);
    lines.push(
      `${doc || `/** \`new ${name}(...)\`, in the worker. */\n`}create${parametersOf(declaration)}(${parameters}): Promise<Async${name}${names}>;`,
    );
  }
  if (lines.length === 0) return undefined;
  const text = `/** What the class ${name} itself can do. */\nexport interface Async${name}Class {\n${lines.join('\n')}\n}\n`;
  return { text, table };
}

const parts = [];
const members = {};
const statics = {};
const classes = [];
for (const [symbol, name] of remote) {
  const made = remoteClass(symbol, name);
  parts.push(made.text);
  members[name] = made.table;
  const own = remoteStatics(symbol, name);
  if (own === undefined) continue;
  parts.push(own.text);
  statics[name] = own.table;
  classes.push(name);
}
const root = `/** The classes of the package whose static functions and constructors can be called in the worker. */
export interface AsyncClasses {
${classes.map((name) => `readonly ${name}: Async${name}Class;`).join('\n')}
}
`;
const byFile = new Map();
for (const [name, { from, symbol }] of imports) {
  const list = byFile.get(from) ?? [];
  list.push(name === symbol ? name : `${symbol} as ${name}`);
  byFile.set(from, list);
}
const importLines = [...byFile]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([from, list]) => `import type { ${list.sort().join(', ')} } from '${from}';`);
const hand = BY_HAND.map((name) => `Async${name}`).filter((name) =>
  [...parts, ...generated.values()].some((text) => new RegExp(`\\b${name}\\b`).test(text)),
);
const text = `// Made by scripts/gen-worker.mjs from the classes of the package. Do not edit.
import type { Buffer } from 'node:buffer';
${importLines.join('\n')}
import type { ${['AsyncPart', 'Chain', 'FromSetup', 'REMOTE'].join(', ')} } from './handles.js';
${hand.length === 0 ? '' : `import type { ${hand.join(', ')} } from './batch.js';`}

${root}
${parts.join('\n')}
${[...generated.values()].join('\n')}
/** What is reached by a name on a handle: see MemberKind. */
export const MEMBERS = ${JSON.stringify(members, null, 2)} as const;

/** Likewise on a class. */
export const STATICS = ${JSON.stringify(statics, null, 2)} as const;
`;
const used = text.replace("import type { Buffer } from 'node:buffer';\n", (line) =>
  /\bBuffer\b/.test(text.replace(line, '')) ? line : '',
);
const biome = path.join(ROOT, 'node_modules/.bin/biome');
// By a name that biome.json does not leave out.
const formatted = spawnSync(biome, ['format', '--stdin-file-path', OUTPUT.replace('.gen', '')], {
  cwd: ROOT,
  input: used,
  encoding: 'utf8',
  maxBuffer: 1 << 26,
});
if (formatted.status !== 0) throw new Error(`biome: ${formatted.stderr}`);
const out = formatted.stdout;
if (process.argv.includes('--check')) {
  if (!fs.existsSync(OUTPUT) || fs.readFileSync(OUTPUT, 'utf8') !== out) {
    console.error('src/worker/api.gen.ts is not what the classes say: run npm run generate');
    process.exitCode = 1;
  }
} else fs.writeFileSync(OUTPUT, out);
