// The public declarations of a C++ header. It knows as much of C++ as declarations need; function
// bodies, initializers and template arguments are skipped over by their brackets. Whatever has none
// of the shapes that it knows is an error with file and line, never left out.
import { Cursor } from './cursor.mjs';

/**
 * [{ kind, name, header, line, ... }], name without `rocksdb::`, members as `DB::Put`. Kinds:
 * class, struct, union (with `bases`), enum (with `values`), function, method, field, alias.
 * Functions and methods have `parameters` (text), `special` (constructor, destructor, operator),
 * `static`, `deprecated`. Private and protected members, friends and deleted functions are not
 * public: left out.
 */
export function parseHeader(source, header) {
  const parser = new Parser(source, header);
  parser.declarations({ path: [], owner: undefined, open: true });
  if (parser.token !== undefined) parser.fail('a brace that closes nothing');
  return parser.found;
}

const ACCESS = ['public', 'protected', 'private'];

class Parser extends Cursor {
  found = [];

  add(scope, kind, name, line, more = {}) {
    if (!scope.open) return;
    const full = [...scope.path, name].join('::');
    this.found.push({ kind, name: full, header: this.header, line, ...more });
  }

  // --- declarations ------------------------------------------------------------------------------

  /** Up to the end of the tokens, or the brace that closes the scope. */
  declarations(scope) {
    while (this.token !== undefined && this.token !== '}') {
      if (ACCESS.includes(this.token) && this.peek(1) === ':') {
        if (scope.owner === undefined) this.fail('an access specifier outside of a class');
        scope.open = scope.ownerOpen && this.token === 'public';
        this.at += 2;
      } else this.declaration(scope);
    }
  }

  declaration(scope) {
    const begin = this.at;
    const traits = this.prefixes();
    const { token } = this;
    if (token === ';') this.at++;
    else if (token === 'namespace') this.namespace(scope);
    else if (token === '"C"') this.linkage(scope);
    else if (['using', 'static_assert', 'friend'].includes(token)) this.simple(scope, token);
    else if (token === 'typedef') this.typedef(scope);
    else if (token === 'enum') this.enumeration(scope);
    else if (!this.classLike(scope, traits)) this.functionOrVariable(scope, traits, begin);
  }

  namespace(scope) {
    if (scope.owner !== undefined) this.fail('a namespace within a class');
    this.at++;
    const names = [];
    while (this.token !== '{') {
      if (!/^(\w+|::)$/.test(this.token ?? '')) this.fail('not the name of a namespace');
      if (this.token !== '::') names.push(this.token);
      this.at++;
    }
    this.at++;
    const inner = names.filter((name) => name !== 'rocksdb');
    this.declarations({ ...scope, path: [...scope.path, ...inner], open: names.length > 0 });
    this.expect('}');
  }

  /** `extern "C" { ... }`; `extern` is a prefix. */
  linkage(scope) {
    this.at++;
    if (this.token !== '{') return;
    this.at++;
    this.declarations(scope);
    this.expect('}');
  }

  /** What says nothing for the table but the name of an alias: up to its semicolon or body. */
  simple(scope, word) {
    const line = this.line;
    if (word === 'using' && this.peek(2) === '=') this.add(scope, 'alias', this.peek(1), line);
    while (this.token !== ';') {
      if (this.token === undefined) this.fail(`${word} without an end`);
      const body = this.token === '{' && word === 'friend';
      if (['(', '[', '{', '[['].includes(this.token)) this.skipBalanced();
      else this.at++;
      if (body) return;
    }
    this.at++;
  }

  typedef(scope) {
    const { line } = this;
    const words = [];
    while (this.token !== ';') {
      if (this.token === undefined) this.fail('typedef without an end');
      if (this.token === '{') this.fail('a typedef with a body');
      words.push(this.token);
      this.at++;
    }
    this.at++;
    const text = words.join(' ');
    const name =
      /\( (?:\w+ :: )*\* (\w+)/.exec(text)?.[1] ?? /(\w+)(?: \[.*\]| \(.*\))?$/.exec(text)?.[1];
    if (name === undefined) this.fail(`a typedef without a name: ${text}`);
    this.add(scope, 'alias', name, line);
  }

  enumeration(scope) {
    const { line } = this;
    this.at++;
    if (['class', 'struct'].includes(this.token)) this.at++;
    const name = /^\w+$/.test(this.token ?? '') ? this.token : undefined;
    if (name !== undefined) this.at++;
    if (this.token === ':') while (!['{', ';', undefined].includes(this.token)) this.at++;
    if (this.token === ';') {
      this.at++;
      return;
    }
    if (this.token !== '{') this.fail('an enum without a body');
    const end = this.closing();
    const values = [];
    let expectName = true;
    this.at++;
    while (this.at < end) {
      if (expectName) {
        if (!/^[A-Za-z_]\w*$/.test(this.token)) this.fail('not an enumerator');
        values.push(this.token);
        expectName = false;
        this.at++;
      } else if (['(', '{', '[', '[['].includes(this.token)) this.skipBalanced();
      else {
        expectName = this.token === ',';
        this.at++;
      }
    }
    this.at = end + 1;
    this.add(scope, 'enum', name ?? `(${values[0]}...)`, line, { values });
    this.declarators(scope);
  }

  // --- classes -----------------------------------------------------------------------------------

  /**
   * A definition or forward declaration; false when the word only begins a type (`struct tm* f()`).
   */
  classLike(scope, traits) {
    const kind = this.token;
    if (!['class', 'struct', 'union'].includes(kind)) return false;
    const { line } = this;
    const start = this.at;
    this.at++;
    while (['[[', 'alignas'].includes(this.token)) {
      if (this.token === 'alignas') this.at++;
      this.skipBalanced();
    }
    const names = [];
    let specialized = false;
    while (/^([A-Za-z_]\w*|::)$/.test(this.token ?? '') && this.token !== 'final') {
      if (this.token !== '::') names.push(this.token);
      this.at++;
      if (this.token === '<') {
        this.skipAngles();
        specialized = true;
      }
      if (this.token !== '::' && names.length > 0) break;
    }
    if (this.token === 'final') this.at++;
    if (this.token === ';') {
      this.at++;
      return true;
    }
    if (this.token !== '{' && this.token !== ':') {
      this.at = start;
      return false;
    }
    const bases = this.bases();
    // A specialization of the standard library's templates (std::hash) is no class of RocksDB's.
    const open = scope.open && !specialized && scope.path[0] !== 'std';
    const name = names.join('::');
    if (name !== '') this.add({ ...scope, open }, kind, name, line, { bases, ...traits });
    this.expect('{');
    this.declarations({
      path: name === '' ? scope.path : [...scope.path, name],
      owner: name,
      ownerOpen: open,
      open: open && kind !== 'class',
    });
    this.expect('}');
    this.declarators(scope);
    return true;
  }

  bases() {
    const bases = [];
    if (this.token !== ':') return bases;
    this.at++;
    let words = [];
    for (;;) {
      if (this.token === undefined) this.fail('a class without a body');
      if (this.token === '{' || this.token === ',') {
        bases.push(words.filter((word) => word !== 'virtual'));
        words = [];
        if (this.token === '{') break;
        this.at++;
      } else if (this.token === '<') this.skipAngles();
      else {
        words.push(this.token);
        this.at++;
      }
    }
    return bases
      .filter((base) => !['private', 'protected'].includes(base[0]))
      .map((base) => base.filter((word) => !ACCESS.includes(word)).join(''));
  }

  /** The variables after a body: `struct {...} a, *b;` */
  declarators(scope) {
    while (this.token !== ';') {
      if (this.token === undefined) this.fail('a declaration without an end');
      if (/^[A-Za-z_]\w*$/.test(this.token)) {
        this.add(scope, scope.owner === undefined ? 'variable' : 'field', this.token, this.line);
        this.at++;
      } else if (['[', '{', '('].includes(this.token)) this.skipBalanced();
      else if ([',', '*', '&', '='].includes(this.token)) this.at++;
      else this.fail('not a declarator');
    }
    this.at++;
  }

  // --- functions and variables -------------------------------------------------------------------

  functionOrVariable(scope, traits, begin) {
    const { line } = this.tokens[begin];
    const head = this.head();
    if (head.parameters === undefined) this.variable(scope, head, line);
    else this.functionRest(scope, head, traits, line);
  }

  /**
   * The declarator's name, and its parameters when it is a function: the first parenthesis outside
   * of template arguments that comes right after a name and does not begin a pointer (`(*name)`).
   */
  head() {
    let previous;
    const words = [];
    for (;;) {
      const { token } = this;
      if (token === undefined) this.fail('a declaration without an end');
      if (token === 'operator') return this.operatorHead(words);
      if ([';', '=', '{', '[', ':', ',', '}'].includes(token)) return { words, name: previous };
      if (token === '[[') this.skipBalanced();
      else if (token === '<') {
        if (!/^\w+$/.test(previous ?? '')) this.fail("a '<' after no name");
        this.skipAngles();
        words.push('<>');
      } else if (token === '(') {
        if (previous === 'decltype') {
          this.skipBalanced();
          continue;
        }
        if (this.peek(1) === '*' || this.peek(1) === '&') return this.pointer(words);
        if (!/^~?\w+$/.test(previous ?? '')) this.fail('a parenthesis after no name');
        return { words, name: previous, parameters: this.parameters() };
      } else {
        previous = token === '~' && /^\w+$/.test(this.peek(1) ?? '') ? `~${this.peek(1)}` : token;
        words.push(previous);
        this.at += previous.startsWith('~') && previous !== '~' ? 2 : 1;
      }
    }
  }

  operatorHead(words) {
    this.at++;
    let name = 'operator';
    while (this.token !== '(' || (name === 'operator' && this.peek(1) === ')')) {
      if (this.token === undefined || this.token === ';')
        this.fail('an operator without parameters');
      const isCall = this.token === '(';
      name += /^\w/.test(this.token) ? ` ${this.token}` : isCall ? '()' : this.token;
      this.at += isCall ? 2 : 1;
    }
    return { words, name, parameters: this.parameters(), operator: true };
  }

  /** `int (*name)(int)`: a variable. */
  pointer(words) {
    const inside = this.skipBalanced();
    if (this.token === '(') this.skipBalanced();
    return { words, name: inside.filter((word) => /^[A-Za-z_]\w*$/.test(word)).at(-1) };
  }

  parameters() {
    return this.skipBalanced().join(' ');
  }

  variable(scope, head, line) {
    if (head.name === undefined || !/^[A-Za-z_]\w*$/.test(head.name)) {
      this.fail('neither a function nor a variable');
    }
    const kind = scope.owner === undefined ? 'variable' : 'field';
    this.add(scope, kind, head.name, line, { type: head.words.slice(0, -1).join(' ') });
    // Bits, array bounds, initializers, further variables. A comma within `a<b, c>()` is followed
    // by a `>`.
    while (this.token !== ';') {
      if (this.token === undefined || this.token === '}') this.fail('a variable without an end');
      if (this.token === ',') {
        const next = this.peek(1) === '*' ? 2 : 1;
        const isName = /^[A-Za-z_]\w*$/.test(this.peek(next) ?? '');
        if (isName && [';', ',', '=', '[', '{', ':'].includes(this.peek(next + 1))) {
          this.add(scope, kind, this.peek(next), this.line);
        }
      }
      if (['(', '[', '{', '[['].includes(this.token)) this.skipBalanced();
      else this.at++;
    }
    this.at++;
  }

  functionRest(scope, head, traits, line) {
    const deleted = this.functionEnd();
    const qualified = head.words.at(-2) === '::' && !head.operator;
    const definesMember = scope.owner === undefined && (qualified || this.isMemberOperator(head));
    if (deleted || definesMember || traits.instantiation) return;
    const self = scope.owner?.split('::').at(-1);
    const special = head.operator
      ? 'operator'
      : head.name.startsWith('~')
        ? 'destructor'
        : head.name === self
          ? 'constructor'
          : undefined;
    const { parameters } = head;
    const kind = scope.owner === undefined ? 'function' : 'method';
    const result = head.words.slice(0, -1).join(' ');
    this.add(scope, kind, head.name, line, { parameters, special, result, ...traits });
  }

  /** `inline X& X::operator=(...)` outside of the class. */
  isMemberOperator(head) {
    return head.operator && head.words.at(-1) === '::';
  }

  /** Past what follows the parameters; whether the function is deleted. */
  functionEnd() {
    let deleted = false;
    for (;;) {
      const { token } = this;
      if (token === undefined || token === '}') this.fail('a function without an end');
      if (token === ';') {
        this.at++;
        return deleted;
      }
      if (token === '{') {
        this.skipBalanced();
        return deleted;
      }
      if (token === ':') {
        this.initializers();
        return deleted;
      }
      deleted ||= token === 'delete';
      if (token === '(' || token === '[[' || token === '[') this.skipBalanced();
      else if (token === '<') this.skipAngles();
      else this.at++;
    }
  }

  /** `: a_(1), b_{2} { body }` */
  initializers() {
    for (;;) {
      this.at++;
      while (/^(\w+|::|<)$/.test(this.token ?? '')) {
        if (this.token === '<') this.skipAngles();
        else this.at++;
      }
      if (this.token !== '(' && this.token !== '{') this.fail('not an initializer');
      this.skipBalanced();
      if (this.token === '...') this.at++;
      if (this.token === '{') {
        this.skipBalanced();
        return;
      }
      if (this.token !== ',') this.fail('an initializer without an end');
    }
  }
}
