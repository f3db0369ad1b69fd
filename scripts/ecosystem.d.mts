/** The folder with the node_modules of test/ecosystem. */
export function provideEcosystem(): Promise<string>;
