// C++ text -> tokens, without comments and preprocessor lines. What it does not know is an error.

/**
 * Every condition of RocksDB's public headers, and whether what is behind it belongs to the table:
 * what a release build for WebAssembly sees, and LUA beside it, so that its two headers are listed
 * too.
 */
const CONDITIONS = {
  'ifdef __cplusplus': true,
  'ifdef LUA': true,
  'ifdef NDEBUG': true,
  'ifdef OS_WIN': false,
  'ifdef _WIN32': false,
  'ifdef ROCKSDB_DLL': false,
  'ifdef ROCKSDB_LIBRARY_EXPORTS': false,
  'ifdef ROCKSDB_ASSERT_STATUS_CHECKED': false,
  'ifdef max': false,
  'ifdef FAILED': false,
  'ifdef DeleteFile': false,
  'ifdef GetFreeSpace': false,
  'ifndef ROCKSDB_NAMESPACE': true,
  'if ROCKSDB_NAMESPACE == 42': false,
  'if defined(__GNUC__) || defined(__clang__)': true,
  'if defined(_MSC_VER)': false,
  'if !defined(NROCKSDB_THREAD_STATUS)': true,
  'elif _WIN32': false,
};
/** Macros that stand in declarations: what is put there instead. Those with arguments lose them. */
const MACROS = {
  ROCKSDB_NAMESPACE: 'rocksdb',
  ROCKSDB_LIBRARY_API: '',
  ROCKSDB_DEPRECATED_FUNC: '[[deprecated]]',
  ROCKSDB_PRINTF_FORMAT_ATTR: '',
  __attribute__: '',
};

const TOKEN =
  /R"(\w*)\([\s\S]*?\)\1"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'|[A-Za-z_$]\w*|\.?\d(?:[eEpP][+-]|'?[\w.])*|::|->|\.\.\.|\[\[|\]\]|[{}()[\];:,<>=*&~!+\-/%|^?.#]/y;

/**
 * Comments become blanks, lines stay where they are. Strings are left alone: they may hold `//`.
 */
export function stripComments(text) {
  return text.replace(
    /R"(\w*)\([\s\S]*?\)\1"|"(?:[^"\\\n]|\\.)*"|(?<!\w)'(?:[^'\\\n]|\\.)+'|\/\*[\s\S]*?\*\/|\/\/(?:\\\n|[^\n])*/g,
    (found) => (found.startsWith('/') ? found.replace(/[^\n]/g, ' ') : found),
  );
}

/** Drops what conditions exclude, and all preprocessor lines; lines stay where they are. */
function preprocess(text, file) {
  const stack = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const first = i;
    let line = lines[i];
    if (/^\s*#/.test(line)) {
      while (lines[i].trimEnd().endsWith('\\') && i + 1 < lines.length) {
        line = line.trimEnd().slice(0, -1) + lines[i + 1];
        i++;
      }
      lines.fill('', first, i + 1);
      directive(
        line
          .replace(/^\s*#\s*/, '')
          .replace(/\s+/g, ' ')
          .trim(),
        stack,
        `${file}:${first + 1}`,
      );
    } else if (stack.some(({ on }) => !on)) lines[i] = '';
  }
  if (stack.length > 0) throw new Error(`${file}: a condition without its #endif`);
  return lines.join('\n');
}

function directive(text, stack, where) {
  const word = /^\w+/.exec(text)?.[0] ?? '';
  const decide = () => {
    if (!Object.hasOwn(CONDITIONS, text)) {
      throw new Error(`${where}: '#${text}' is not among the known conditions`);
    }
    return CONDITIONS[text];
  };
  if (['if', 'ifdef', 'ifndef'].includes(word)) {
    const on = decide();
    stack.push({ on, taken: on });
  } else if (word === 'elif' || word === 'else') {
    const top = stack.at(-1);
    if (top === undefined) throw new Error(`${where}: #${word} without its #if`);
    top.on = !top.taken && (word === 'else' || decide());
    top.taken ||= top.on;
  } else if (word === 'endif') {
    if (stack.pop() === undefined) throw new Error(`${where}: #endif without its #if`);
  } else if (!['include', 'define', 'undef', 'pragma', 'error', ''].includes(word)) {
    throw new Error(`${where}: '#${word}' is not a directive that this knows`);
  }
}

/** [{ text, line }], macros replaced. */
export function tokenize(source, file) {
  const text = preprocess(stripComments(source), file);
  const tokens = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (/\s/.test(char)) {
      if (char === '\n') line++;
      at++;
      continue;
    }
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) throw new Error(`${file}:${line}: '${char}' begins no token`);
    tokens.push({ text: token, line });
    line += token.split('\n').length - 1;
    at += token.length;
  }
  return replaceMacros(tokens, file);
}

function replaceMacros(tokens, file) {
  const out = [];
  for (let i = 0; i < tokens.length; i++) {
    const { text, line } = tokens[i];
    if (!Object.hasOwn(MACROS, text)) {
      out.push(tokens[i]);
      continue;
    }
    if (MACROS[text] === '[[deprecated]]') {
      for (const part of ['[[', 'deprecated', ']]']) out.push({ text: part, line });
    } else if (MACROS[text] !== '') out.push({ text: MACROS[text], line });
    const hasArguments = text === '__attribute__' || text === 'ROCKSDB_PRINTF_FORMAT_ATTR';
    if (hasArguments) i = closing(tokens, i + 1, file);
  }
  return out;
}

const PARTNER = { '(': ')', '[': ']', '{': '}', '[[': ']]' };

/** The index of what closes the bracket at `open`. Angle brackets are not among these. */
export function closing(tokens, open, file) {
  const unclosed = [];
  for (let i = open; i < tokens.length; i++) {
    const { text, line } = tokens[i];
    if (PARTNER[text] !== undefined) unclosed.push(tokens[i]);
    else if (Object.values(PARTNER).includes(text)) {
      const opener = unclosed.pop();
      if (text === ']]' && opener?.text === '[' && unclosed.at(-1)?.text === '[') {
        unclosed.pop(); // `a[b[0]]` ends in what looks like the end of an attribute.
      } else if (opener === undefined || PARTNER[opener.text] !== text) {
        const what = opener ? `'${opener.text}' of line ${opener.line}` : 'nothing';
        throw new Error(`${file}:${line}: '${text}' closes ${what}`);
      }
    }
    if (unclosed.length === 0) return i;
  }
  throw new Error(`${file}:${tokens[open]?.line ?? 0}: '${tokens[open]?.text}' is never closed`);
}
