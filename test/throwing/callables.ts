/** What of the public types is a function of the program's: methods of interfaces, and parameters that are functions. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function program(): ts.Program {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return ts.createProgram([`${ROOT}src/index.ts`], { ...options, noEmit: true });
}

/** `Interface.method` and `Class.method(parameter)`, sorted. What is ours alone to call or to make is left out. */
export function functionsOfTheProgram(): string[] {
  const files = program();
  const checker = files.getTypeChecker();
  const index = files.getSourceFile(`${ROOT}src/index.ts`) as ts.SourceFile;
  const found = new Set<string>();
  const takesCalls = (type: ts.Type) =>
    (type.isUnion() ? type.types : [type]).some((each) => each.getCallSignatures().length > 0);
  const isHidden = (symbol: ts.Symbol) =>
    symbol.name.includes('#') ||
    symbol.name.startsWith('__') ||
    (symbol.declarations ?? []).some(
      (each) =>
        (ts.getCombinedModifierFlags(each) &
          (ts.ModifierFlags.Protected | ts.ModifierFlags.Private)) !==
          0 || ts.getJSDocTags(each).some(({ tagName }) => tagName.text === 'internal'),
    );
  const addParameters = (name: string, type: ts.Type) => {
    for (const { parameters } of type.getCallSignatures()) {
      for (const each of parameters) {
        if (takesCalls(checker.getTypeOfSymbolAtLocation(each, index))) {
          found.add(`${name}(${each.name})`);
        }
      }
    }
  };
  const own = (symbol: ts.Symbol) =>
    symbol.declarations?.some((each) => each.getSourceFile().fileName.startsWith(`${ROOT}src/`));
  for (const exported of checker.getExportsOfModule(
    checker.getSymbolAtLocation(index) as ts.Symbol,
  )) {
    const symbol =
      (exported.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(exported) : exported;
    const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
    if (isClass || (symbol.flags & ts.SymbolFlags.Function) !== 0) {
      const type = checker.getTypeOfSymbolAtLocation(symbol, index);
      addParameters(symbol.name, type);
      const instance = isClass ? checker.getDeclaredTypeOfSymbol(symbol).getProperties() : [];
      for (const member of instance) {
        if (isHidden(member) || !own(member)) continue;
        addParameters(member.name, checker.getTypeOfSymbolAtLocation(member, index));
      }
    } else if ((symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) !== 0) {
      const declared = checker.getDeclaredTypeOfSymbol(symbol);
      for (const part of declared.isUnion() ? declared.types : [declared]) {
        if ((part.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) continue;
        if (part.isClass() || (part.symbol?.flags ?? 0) & ts.SymbolFlags.Class) continue;
        for (const member of part.getProperties()) {
          if (!own(member) || isHidden(member)) continue;
          if (!takesCalls(checker.getTypeOfSymbolAtLocation(member, index))) continue;
          found.add(`${symbol.name}.${member.name}`);
        }
      }
    }
  }
  return [...found].sort();
}
