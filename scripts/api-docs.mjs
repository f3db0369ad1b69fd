// api-docs.mjs [--out FOLDER]: the API reference (typedoc), from the docstrings of what package.json exports, into
// docs/api. Ends with 1 when something public has no docstring or names what is not there.
import * as fs from 'node:fs';
import * as path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { providePinned } from './pinned.mjs';
import { ROOT } from './steps.mjs';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/api' } } });
const home = path.join(await providePinned('package'), 'node_modules');
const { Application, ReflectionKind } = await import(
  pathToFileURL(path.join(home, 'typedoc/dist/index.js')).href
);

/** The source of each entry that has types. */
const { exports } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const entryPoints = Object.values(exports).flatMap(({ types }) =>
  types === undefined ? [] : [types.replace('./dist/types/', './src/').replace(/\.d\.ts$/, '.ts')],
);

const app = await Application.bootstrapWithPlugins({
  entryPoints,
  tsconfig: path.join(ROOT, 'tsconfig.build.json'),
  name: 'rocksdb-wasm',
  readme: path.join(ROOT, 'README.md'),
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  // What abstract-level documents itself.
  excludeExternals: true,
  treatWarningsAsErrors: true,
  // Types are told of lists and parts that only the package's own code needs.
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  logLevel: 'Warn',
});
const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
const silent = withoutDocstring(project);
for (const name of silent) console.error(`${name}: no docstring`);
await app.generateDocs(project, path.resolve(ROOT, values.out));
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() || silent.length > 0 ? 1 : 0;

/** Classes, functions and methods that nothing is said of; what is alike everywhere, and named after RocksDB's events, aside. */
function withoutDocstring(project) {
  const kinds = ReflectionKind.Class | ReflectionKind.Function | ReflectionKind.Method;
  const names = project.getReflectionsByKind(kinds).flatMap((reflection) => {
    const said = [reflection, ...(reflection.signatures ?? [])].some((each) => each.hasComment());
    return said ? [] : [reflection.getFullName()];
  });
  return names.filter((name) => !/\[(dispose|asyncDispose)\]$|\.EventListener\.on/.test(name));
}
