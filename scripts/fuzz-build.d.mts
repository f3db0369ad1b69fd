/** Builds the fuzz targets into a folder of the checkout, dist/fuzz by default; returns it. */
export function buildFuzz(into?: string): Promise<string>;
/** Names of the public methods and properties of all classes of src/, by class. */
export function publicMembers(): Readonly<Record<string, readonly string[]>>;
