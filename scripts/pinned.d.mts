/** The folder with the node_modules that the package.json of `test/NAME` asks for. */
export function providePinned(name: string): Promise<string>;
