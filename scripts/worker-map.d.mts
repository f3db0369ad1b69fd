export declare const CLASSES: Readonly<Record<string, { file?: string; create?: boolean }>>;
export declare const SKIPPED: Readonly<Record<string, Readonly<Record<string, string>>>>;
