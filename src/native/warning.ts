/** A warning of the process, where there is one (Node, Deno, Bun), on the console elsewhere. */
export function warn(message: string): void {
  const { process } = globalThis as {
    process?: { emitWarning?: (text: string, name: string) => void };
  };
  if (process?.emitWarning !== undefined) process.emitWarning(message, 'RocksDBWarning');
  else console.warn(message);
}
