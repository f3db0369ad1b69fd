export const ROOT: string;
export function bundleSuite(folder: string, names: readonly string[]): Promise<string>;
