// Tokens, and where one is among them.
import { closing, tokenize } from './tokens.mjs';

/** Words that stand before a declaration without saying what it is. */
const PREFIXES = [
  'inline',
  'static',
  'virtual',
  'explicit',
  'constexpr',
  'extern',
  'mutable',
  'thread_local',
];

export class Cursor {
  tokens;
  at = 0;
  header;

  constructor(source, header) {
    this.tokens = tokenize(source, header);
    this.header = header;
  }

  get token() {
    return this.tokens[this.at]?.text;
  }

  get line() {
    return this.tokens[this.at]?.line ?? this.tokens.at(-1)?.line ?? 0;
  }

  peek(ahead) {
    return this.tokens[this.at + ahead]?.text;
  }

  fail(why) {
    const here = this.tokens.slice(this.at, this.at + 12).map(({ text }) => text);
    throw new Error(`${this.header}:${this.line}: ${why}, at '${here.join(' ')}'`);
  }

  expect(text) {
    if (this.token !== text) this.fail(`expected '${text}'`);
    this.at++;
  }

  /** The index of what closes the bracket here. */
  closing() {
    return closing(this.tokens, this.at, this.header);
  }

  /** Past the bracket that closes the one here; what stands between them. */
  skipBalanced() {
    const begin = this.at + 1;
    const end = this.closing();
    this.at = end + 1;
    return this.tokens.slice(begin, end).map(({ text }) => text);
  }

  /** Past `<...>`; brackets of other kinds within are skipped whole. */
  skipAngles() {
    let depth = 0;
    do {
      if (this.token === undefined) this.fail("a '<' that is never closed");
      if (this.token === '<') depth++;
      else if (this.token === '>') depth--;
      if (['(', '[', '{'].includes(this.token)) this.skipBalanced();
      else this.at++;
    } while (depth > 0);
  }

  /** Past attributes, `template <...>` and specifiers. */
  prefixes() {
    const traits = { static: false, deprecated: false, template: false };
    for (;;) {
      if (this.token === '[[') traits.deprecated ||= this.skipBalanced().includes('deprecated');
      else if (this.token === 'template') {
        this.at++;
        if (this.token === '<') this.skipAngles();
        else traits.instantiation = true;
        traits.template = true;
      } else if (this.token === 'alignas') {
        this.at++;
        this.skipBalanced();
      } else if (PREFIXES.includes(this.token)) {
        traits.static ||= this.token === 'static';
        this.at++;
      } else return traits;
    }
  }
}
