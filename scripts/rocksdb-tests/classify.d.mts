import type { Body } from './sources.mjs';

export type Needs = 'disabled' | 'threads' | 'callbacks' | 'plain';
export type ClassifiedBody = Body & { readonly needs: Needs };
export function classify(file: string, source?: string): ClassifiedBody[];
export function inventory(): Map<string, ClassifiedBody[]>;
