/** See chromium.mjs. */
export function provideChromium(): Promise<string>;
