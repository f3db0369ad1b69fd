// Builds the fuzz targets, without their types, into dist/fuzz/.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Names of the public methods and properties of all classes of src/, by class: what the declarations show. */
export function publicMembers() {
  const members = {};
  const visit = (node, text) => {
    if (ts.isClassDeclaration(node) && node.name !== undefined) {
      members[node.name.text] = node.members.filter((each) => isPublic(each, text)).map(nameOf);
    }
    ts.forEachChild(node, (child) => visit(child, text));
  };
  for (const name of fs.readdirSync(path.join(ROOT, 'src'), { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.gen.ts')) continue;
    const text = fs.readFileSync(path.join(ROOT, 'src', name), 'utf8');
    visit(ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true), text);
  }
  return members;
}

const HIDDEN = [
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.StaticKeyword,
  ts.SyntaxKind.AbstractKeyword,
];

function isPublic(member, text) {
  if (member.name === undefined || !ts.isIdentifier(member.name)) return false;
  if (member.modifiers?.some(({ kind }) => HIDDEN.includes(kind))) return false;
  const comments = ts.getLeadingCommentRanges(text, member.getFullStart()) ?? [];
  return !comments.some(({ pos, end }) => text.slice(pos, end).includes('@internal'));
}

const nameOf = (member) => member.name.text;

/** Returns the folder. `into`: one of its own, for who may run beside others. */
export async function buildFuzz(into = 'dist/fuzz') {
  const folder = path.resolve(ROOT, into);
  fs.rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['worker', 'pool', 'plan'].map((name) => `test/fuzz/${name}.ts`),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    outdir: folder,
    logLevel: 'warning',
    define: { PUBLIC_MEMBERS: JSON.stringify(publicMembers()) },
    external: ['fast-check'],
    plugins: [
      {
        name: 'package',
        setup(builder) {
          builder.onResolve({ filter: /^rocksdb-wasm$/ }, () => ({
            path: pathToFileURL(path.join(ROOT, 'dist/index.js')).href,
            external: true,
          }));
        },
      },
    ],
  });
  return folder;
}
