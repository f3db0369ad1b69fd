/**
 * The JavaScript and TypeScript of README.md and the guides, block by block. What a reader has before him when he comes to
 * a block, and what proves that it did what the text says, stand in comments that are not shown:
 *
 *     <!-- before:
 *     const db = await RocksDB.open('./data', { createIfMissing: true });
 *     -->
 *
 * in front of the block, `<!-- after: ... -->` behind it. `<!-- not run: why -->` in front of one that cannot run.
 */
import * as fs from 'node:fs';
import { transformSync } from 'esbuild';

export interface DocBlock {
  /** `README.md:20`: the line of its first fence. */
  readonly name: string;
  readonly language: string;
  readonly before: string;
  readonly code: string;
  readonly after: string;
  /** Why it is not run; undefined: it is. */
  readonly notRun: string | undefined;
}

const LANGUAGES = /^(?:js|mjs|cjs|jsx|javascript|ts|mts|cts|tsx|typescript)\b/i;
const FENCE = /^\s*(`{3,}|~{3,})\s*(\S*)/;

/** `root`: with a slash at its end. */
export function blocksOf(root: string, file: string): DocBlock[] {
  const lines = fs.readFileSync(root + file, 'utf8').split('\n');
  const blocks: DocBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language = ''] = FENCE.exec(lines[at] as string) ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end < 0) throw new Error(`${file}:${at + 1}: the block has no end`);
    if (LANGUAGES.test(language)) {
      blocks.push({
        name: `${file}:${at + 1}`,
        language,
        before: commentBefore(lines, at, 'before') ?? '',
        code: lines.slice(at + 1, end).join('\n'),
        after: commentAfter(lines, end) ?? '',
        notRun: commentBefore(lines, at, 'not run'),
      });
    }
    at = end;
  }
  return blocks;
}

/** What the comment of that name says that ends in the line before `at`. */
function commentBefore(lines: readonly string[], at: number, name: string): string | undefined {
  if (at === 0 || !(lines[at - 1] as string).endsWith('-->')) return undefined;
  const text = lines.slice(0, at).join('\n');
  const start = text.lastIndexOf('<!--');
  return contentOf(text.slice(start), name);
}

function commentAfter(lines: readonly string[], end: number): string | undefined {
  const text = lines.slice(end + 1).join('\n');
  if (!text.startsWith('<!-- after:')) return undefined;
  return contentOf(text.slice(0, text.indexOf('-->') + 3), 'after');
}

function contentOf(comment: string, name: string): string | undefined {
  const start = `<!-- ${name}:`;
  return comment.startsWith(start) ? comment.slice(start.length, -3).trim() : undefined;
}

/** A module that runs on its own. An import of what there is not is an error. */
export function moduleOf({ before, code, after }: DocBlock): string {
  return transformSync([before, code, after].join('\n'), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  }).code;
}
