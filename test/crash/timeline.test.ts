import { describe, expect, it } from 'vitest';
import { Timeline } from './timeline.js';

const effects = (entries: Record<string, string | undefined>) => new Map(Object.entries(entries));
const state = (entries: Record<string, string>) => new Map(Object.entries(entries));

/** a=1 is durable; then a=2 with b=2, then a is gone, then c=4. */
function timeline(): Timeline {
  const made = new Timeline();
  made.begin(effects({ 'f a': '1' }));
  made.durable();
  made.begin(effects({ 'f a': '2', 'f b': '2' }));
  made.begin(effects({ 'f a': undefined }));
  made.begin(effects({ 'f c': '4' }));
  return made;
}

describe('a timeline', () => {
  it('takes the state after any beginning that has what is durable', () => {
    expect(timeline().find(state({ 'f a': '1' }))).toBe(0);
    expect(timeline().find(state({ 'f a': '2', 'f b': '2' }))).toBe(1);
    expect(timeline().find(state({ 'f b': '2' }))).toBe(2);
    expect(timeline().find(state({ 'f b': '2', 'f c': '4' }))).toBe(3);
  });

  it.each([
    ['what is durable is lost', {}],
    ['a write is there in part', { 'f a': '2' }],
    ['a write is there without the one before it', { 'f a': '1', 'f c': '4' }],
    ['something was never written', { 'f a': '1', 'f x': '9' }],
    ['a value was never written', { 'f a': '3' }],
  ])('finds out when %s', (_, found) => {
    expect(timeline().find(state(found as Record<string, string>))).toMatch(
      /no state of the writes/,
    );
  });

  it('lets a family that is not there be, and forgets one that was dropped', () => {
    expect(timeline().find(state({}), (key) => key.startsWith('f '))).toBe(0);
    const dropped = timeline();
    dropped.forget((key) => key.startsWith('f '));
    expect(dropped.find(state({}))).toBe(0);
    expect(dropped.find(state({ 'f a': '1' }))).toMatch(/not of it/);
  });

  it('goes on from what survived', () => {
    const cut = timeline();
    cut.survived(1);
    expect([...cut.now]).toEqual([
      ['f a', '2'],
      ['f b', '2'],
    ]);
    expect(cut.find(state({ 'f b': '2' }))).toMatch(/1 lost/);
    expect(
      timeline()
        .clone()
        .find(state({ 'f b': '2' })),
    ).toBe(2);
  });

  it('holds what concerns a flushed family for durable', () => {
    const flushed = timeline();
    flushed.durableFor((key) => key === 'f b');
    expect(flushed.find(state({ 'f a': '1' }))).toMatch(/no state/);
    expect(flushed.find(state({ 'f a': '2', 'f b': '2' }))).toBe(0);
  });
});
