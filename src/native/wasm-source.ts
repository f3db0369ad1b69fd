/** A global class's instances, where the user's TypeScript knows that class. */
type Instance<Name extends string, Where> = Where extends {
  [Key in Name]: { prototype: infer Made };
}
  ? Made
  : never;

type WebAssemblyOf<Global> = Global extends { WebAssembly: infer Namespace } ? Namespace : never;

/**
 * What `wasm` may be: a compiled WebAssembly.Module, its bytes, a Response, or where to load it from: a URL, or a string
 * that is one or else a path.
 */
export type WasmSource =
  | Instance<'Module', WebAssemblyOf<typeof globalThis>>
  | Instance<'Response', typeof globalThis>
  | ArrayBuffer
  | ArrayBufferView
  | URL
  | string;
