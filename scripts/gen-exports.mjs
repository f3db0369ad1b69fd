// gen-exports.mjs [--check]: wasm/bindings/bindings.h and the headers of wasm/bindings/contract/
// -> src/native/exports.gen.ts.
// The grammar is written down at the top of bindings.h; anything else in them is an error here.
// --check: writes nothing, exits 1 when the file would change.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { contractHeaders, contractId } from './contract.mjs';

const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const OUTPUT = path.join(ROOT, 'src/native/exports.gen.ts');

const pascal = (name) =>
  name.replace(/^rdb_/, '').replace(/(^|_)([a-z])/g, (_, __, letter) => letter.toUpperCase());
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** `line`: of the form FILE:NUMBER. */
function fail(line, why) {
  throw new Error(`${line}: ${why}`);
}

function parseAll() {
  const result = { opaque: [], structs: [], enums: [], functions: [] };
  for (const { name, text } of contractHeaders()) parse(name, text, result);
  return result;
}

/** Splits a header into declarations, each with its comment and line. */
function parse(header, text, result) {
  const at = (index) => `${header}:${index}`;
  const lines = text.split('\n');
  let comment = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line.startsWith('//')) {
      comment.push(line.replace(/^\/\/ ?/, ''));
      continue;
    }
    if (line.trim() === '') {
      comment = [];
      continue;
    }
    if (line.startsWith('#') || line === 'typedef uint32_t rdb_status;') {
      comment = [];
      continue;
    }
    const begin = i;
    let declaration = line;
    const code = () => declaration.replace(/\/\/[^\n]*/g, '').trimEnd();
    while (!code().endsWith(';') || /\{[^}]*$/.test(code())) {
      if (++i >= lines.length) fail(at(begin + 1), 'a declaration without an end');
      declaration += `\n${lines[i]}`;
    }
    const bare = code().replace(/\s+/g, ' ').trim();
    const opaque = /^struct (rdb_\w+);$/.exec(bare);
    const struct = /^struct (rdb_\w+) \{ (.*?) ?\};$/.exec(bare);
    const constants = /^enum (rdb_\w+) : uint32_t \{ (.*?),? ?\};$/.exec(bare);
    const exported =
      /^RDB_(DEBUG_|TOOLS_)?EXPORT\((\w+\*?|const uint8_t\*), (rdb_\w+)\)\((.*)\);$/.exec(bare);
    if (opaque) {
      result.opaque.push(opaque[1]);
    } else if (struct) {
      const fields = struct[2]
        .split(';')
        .map((field) => field.trim())
        .filter(Boolean)
        .map((field) => {
          const parts = /^(uint32_t|int32_t|double) (\w+)$/.exec(field);
          if (!parts) fail(at(begin + 1), `field '${field}' is not of the grammar`);
          return { type: parts[1], name: parts[2] };
        });
      result.structs.push({ name: struct[1], fields });
    } else if (constants) {
      const values = constants[2].split(',').map((value) => {
        const parts = /^k(\w+) = (\d+)$/.exec(value.trim());
        if (!parts) fail(at(begin + 1), `enumerator '${value.trim()}' is not of the grammar`);
        return { name: parts[1], value: Number(parts[2]) };
      });
      result.enums.push({ name: constants[1], values });
    } else if (exported) {
      const parameters =
        exported[4] === ''
          ? []
          : exported[4].split(',').map((parameter) => {
              const parts = /^(.*?[ *])(\w+)$/.exec(parameter.trim());
              if (!parts)
                fail(at(begin + 1), `parameter '${parameter.trim()}' is not of the grammar`);
              return { type: parts[1].trim(), name: camel(parts[2]) };
            });
      result.functions.push({
        debug: exported[1] === 'DEBUG_',
        tools: exported[1] === 'TOOLS_',
        result: exported[2],
        name: exported[3],
        parameters,
        comment,
        line: at(begin + 1),
      });
    } else {
      fail(at(begin + 1), `'${bare.slice(0, 60)}' is not of the grammar`);
    }
    comment = [];
  }
}

/**
 * Whether the call gives an object, which must not be lost to an error. An array of objects that goes in is
 * followed by its count.
 */
const makesObject = ({ result, parameters }) =>
  /^rdb_\w+\*$/.test(result) ||
  parameters.some(({ type, name }, index) => {
    if (!/^rdb_\w+\*\*$/.test(type)) return false;
    const counted = /count$/i.test(parameters[index + 1]?.name ?? '');
    return !counted || /^(out|handle)/.test(name);
  });

function generate() {
  const { opaque, structs, enums, functions } = parseAll();
  const known = new Set([...opaque, ...structs.map((struct) => struct.name)]);
  const typeOf = (type, line) => {
    if (['uint32_t', 'int32_t', 'double'].includes(type)) return 'number';
    if (type === 'rdb_status') return 'Status';
    if (type === 'void') return 'void';
    if (type === 'const uint8_t*' || type === 'uint8_t*' || type === 'uint32_t*') return 'Pointer';
    const object = /^(rdb_\w+)(\*{1,2})$/.exec(type);
    if (!object || !known.has(object[1])) fail(line, `type '${type}' is not of the grammar`);
    return object[2] === '**' || !opaque.includes(object[1])
      ? 'Pointer'
      : `${pascal(object[1])}Ptr`;
  };
  const released = functions.filter(({ debug }) => !debug);
  const out = [];
  out.push('// Generated by scripts/gen-exports.mjs from wasm/bindings/bindings.h. Do not edit.');
  out.push('');
  out.push('/** An address in linear memory. Unsigned: `>>> 0` whatever comes out of the wasm. */');
  out.push('export type Pointer = number;');
  out.push('/** 0: OK; otherwise code | subcode << 8 | severity << 16. */');
  out.push('export type Status = number;');
  for (const name of opaque) {
    const brand = pascal(name);
    out.push(`export type ${brand}Ptr = number & { readonly __native: '${brand}' };`);
  }
  out.push('');
  for (const { name, fields } of structs) {
    let offset = 0;
    const entries = fields.map((field) => {
      const size = field.type === 'double' ? 8 : 4;
      offset = Math.ceil(offset / size) * size;
      const entry = `  ${camel(field.name)}: ${offset},`;
      offset += size;
      return entry;
    });
    const align = fields.some((field) => field.type === 'double') ? 8 : 4;
    out.push(`/** Byte offsets in \`struct ${name}\`. */`);
    out.push(`export const ${pascal(name)}Layout = {`, ...entries);
    out.push(`  byteLength: ${Math.ceil(offset / align) * align},`, '} as const;', '');
  }
  for (const { name, values } of enums) {
    out.push(`export const ${pascal(name)} = {`);
    for (const value of values) out.push(`  ${value.name}: ${value.value},`);
    out.push('} as const;', '');
  }
  out.push('/** The exports as the wasm has them. */');
  out.push('export interface RawExports {');
  out.push('  readonly memory: { readonly buffer: ArrayBufferLike };');
  out.push('  readonly _initialize: () => void;');
  for (const { debug, tools, name, result, parameters, comment, line } of functions) {
    const optional = debug || tools ? '?' : '';
    if (comment.length === 1) out.push(`  /** ${comment[0]} */`);
    else if (comment.length > 1)
      out.push('  /**', ...comment.map((text) => `   * ${text}`), '   */');
    const list = parameters.map((p) => `${p.name}: ${typeOf(p.type, line)}`);
    const flat = `  readonly ${name}${optional}: (${list.join(', ')}) => ${typeOf(result, line)};`;
    if (flat.length <= 100) out.push(flat);
    else
      out.push(
        `  readonly ${name}${optional}: (`,
        ...list.map((item) => `    ${item},`),
        `  ) => ${typeOf(result, line)};`,
      );
  }
  out.push('}', '');
  out.push(
    '/** The exports as the wrapper calls them: a trap becomes what `onTrap` makes of it. */',
  );
  const toolNames = released.filter(({ tools }) => tools).map(({ name }) => `'${name}'`);
  out.push("export type Exports = Omit<RawExports, '_initialize' | 'memory'> &");
  out.push(`  Required<Pick<RawExports, ${toolNames.join(' | ')}>>;`, '');
  out.push('/** What the host is at; what a callback threw in the call that is under way. */');
  out.push('export interface HostState {');
  out.push('  active: boolean;');
  out.push('  failure: { readonly error: unknown; readonly background: boolean } | undefined;');
  out.push('}', '');
  out.push('/**');
  out.push(
    ' * Calls go through one function each, so that a trap is caught where it happens. After `stop`, every',
  );
  out.push(
    ' * call throws what `refuse` makes, and the wasm is not entered again. While `host.active`, the wasm',
  );
  out.push(
    ' * is waiting for the host, and a call from there throws what `reentered` makes. When a callback threw',
  );
  out.push(
    ' * in a call, that ends with what `failed` makes; one that gives an object leaves it to Native.check.',
  );
  out.push(' */');
  out.push('export function bindExports(');
  out.push('  raw: RawExports,');
  out.push('  host: Readonly<HostState>,');
  out.push('  onTrap: (error: unknown) => Error,');
  out.push('  refuse: () => Error,');
  out.push('  reentered: () => Error,');
  out.push('  failed: (status: Status) => Error,');
  out.push('): { calls: Exports; stop: () => void } {');
  for (const { name } of functions) out.push(`  let ${camel(name)} = raw.${name};`);
  out.push('  const calls: Exports = {');
  for (const declared of released) {
    const { name, parameters, result } = declared;
    const list = parameters.map((p) => p.name).join(', ');
    const head = parameters.length === 1 ? `(${list})` : `(${list})`;
    const signature = `    ${name}: ${head} => {`;
    if (signature.length <= 100) out.push(signature);
    else out.push(`    ${name}: (`, ...parameters.map((p) => `      ${p.name},`), '    ) => {');
    out.push('      if (host.active) throw reentered();');
    if (declared.tools) {
      const missing = `${name} is in the tools flavour only`;
      out.push(`      if (${camel(name)} === undefined) throw new TypeError('${missing}');`);
    }
    if (!makesObject(declared) && result !== 'void')
      out.push(`      let result: ${typeOf(result, declared.line)};`);
    out.push('      try {');
    const keeps = makesObject(declared);
    const into = keeps ? 'return ' : result === 'void' ? '' : 'result = ';
    const call = `        ${into}${camel(name)}(${list});`;
    if (call.length <= 100) out.push(call);
    else
      out.push(
        `        ${into}${camel(name)}(`,
        ...parameters.map((p) => `          ${p.name},`),
        '        );',
      );
    out.push('      } catch (error) {', '        throw onTrap(error);', '      }');
    const status = result === 'rdb_status' ? 'result' : '0';
    if (!keeps) out.push(`      if (host.failure !== undefined) throw failed(${status});`);
    if (!keeps && result !== 'void') out.push('      return result;');
    out.push('    },');
  }
  for (const { name, parameters } of functions.filter(({ debug }) => debug)) {
    const list = parameters.map((p) => p.name).join(', ');
    out.push(`    ${name}: (${list}) => {`, '      try {', `        ${camel(name)}?.(${list});`);
    out.push('      } catch (error) {', '        throw onTrap(error);', '      }', '    },');
  }
  out.push('  };');
  out.push('  const stop = () => {');
  out.push('    const refused = (): never => {', '      throw refuse();', '    };');
  for (const { name } of functions) out.push(`    ${camel(name)} = refused;`);
  out.push('  };');
  out.push('  return { calls, stop };', '}', '');
  out.push('/** Every export that bindings.h declares. */');
  out.push(
    'export const EXPORT_NAMES = [',
    ...released.filter(({ tools }) => !tools).map(({ name }) => `  '${name}',`),
    '] as const;',
    '',
    '/** Those that the flavours tools and debug have beside them. */',
    'export const TOOLS_EXPORT_NAMES = [',
    ...released.filter(({ tools }) => tools).map(({ name }) => `  '${name}',`),
    '] as const;',
  );
  out.push('', '/** What the wasm must have in its custom section `rocksdb-wasm-contract`. */');
  out.push(`export const CONTRACT_ID = '${contractId()}';`);
  out.push('', '/** Those that the debug flavour has beside them. */');
  const debugNames = functions.filter(({ debug }) => debug).map(({ name }) => `'${name}'`);
  out.push(`export const DEBUG_EXPORT_NAMES = [${debugNames.join(', ')}] as const;`);
  return `${out.join('\n')}\n`;
}

const text = generate();
if (process.argv.includes('--check')) {
  const current = fs.existsSync(OUTPUT) ? fs.readFileSync(OUTPUT, 'utf8') : '';
  if (current !== text) {
    console.error('src/native/exports.gen.ts is not what bindings.h says: run npm run generate');
    process.exit(1);
  }
} else {
  fs.mkdirSync(path.dirname(OUTPUT), { recursive: true });
  fs.writeFileSync(OUTPUT, text);
}
