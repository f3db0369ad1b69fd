/** Builds the fuzz targets into a folder of the checkout, dist/fuzz by default; returns it. */
export function buildFuzz(into?: string): Promise<string>;
