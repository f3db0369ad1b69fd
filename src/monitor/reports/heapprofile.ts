/** Chrome's sampling heap profile, which DevTools' Memory panel loads: a tree of frames with bytes. */
import { shown } from '../../shown.js';
import type { StackFrame } from './frames.js';
import type { HeapPicture } from './picture.js';
import { type StackWeights, weighedStacks } from './stacks.js';

/** As the DevTools protocol has it: `Runtime.CallFrame`. */
export interface HeapProfileCallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  /** From 0. */
  readonly columnNumber: number;
}

/** `HeapProfiler.SamplingHeapProfileNode`. */
export interface HeapProfileNode {
  readonly callFrame: HeapProfileCallFrame;
  readonly selfSize: number;
  readonly id: number;
  readonly children: readonly HeapProfileNode[];
}

/** `HeapProfiler.SamplingHeapProfile`: the content of a `.heapprofile` file, as JSON. */
export interface HeapProfile {
  readonly head: HeapProfileNode;
  readonly samples: readonly {
    readonly size: number;
    readonly nodeId: number;
    readonly ordinal: number;
  }[];
}

/** What the sizes are. */
export type HeapProfileWeight = 'inuseSpace' | 'pinnedSpace' | 'inuseObjects';

export const HEAP_PROFILE_WEIGHTS = ['inuseSpace', 'pinnedSpace', 'inuseObjects'] as const;

interface Node extends HeapProfileNode {
  selfSize: number;
  readonly children: Node[];
  readonly byKey: Map<string, Node>;
}

/**
 * The bytes on the heap by where the handles were made that own them (default), the bytes that only handles keep
 * alive, or the handles themselves, as if each were a byte. The sum of all sizes is that of the same column in
 * `pprofProfile`. Innermost frames are furthest from the root.
 */
export function heapProfile(
  picture: HeapPicture,
  weight: HeapProfileWeight = 'inuseSpace',
): HeapProfile {
  if (!HEAP_PROFILE_WEIGHTS.includes(weight)) {
    const names = HEAP_PROFILE_WEIGHTS.join(', ');
    throw new RangeError(`weight: expected one of ${names}, got ${shown(weight)}`);
  }
  const tree = new Tree();
  const column: keyof StackWeights = weight;
  const samples = weighedStacks(picture)
    .filter((stack) => stack[column] > 0)
    .map((stack, index) => {
      const node = tree.nodeOf(stack.frames);
      node.selfSize += stack[column];
      return { size: stack[column], nodeId: node.id, ordinal: index + 1 };
    });
  return { head: plain(tree.root), samples };
}

class Tree {
  #count = 0;
  readonly root = this.#make({ name: '(root)', file: '', line: 0, column: 0 });

  nodeOf(frames: readonly StackFrame[]): Node {
    let node = this.root;
    for (const frame of [...frames].reverse()) {
      const key = `${frame.name}\n${frame.file}:${frame.line}:${frame.column}`;
      let next = node.byKey.get(key);
      if (next === undefined) {
        next = this.#make(frame);
        node.byKey.set(key, next);
        node.children.push(next);
      }
      node = next;
    }
    return node;
  }

  #make({ name, file, line, column }: StackFrame): Node {
    const callFrame = {
      functionName: name,
      scriptId: '0',
      url: file.startsWith('/') ? `file://${encodeURI(file)}` : file,
      lineNumber: Math.max(line - 1, 0),
      columnNumber: Math.max(column - 1, 0),
    };
    return { callFrame, selfSize: 0, id: ++this.#count, children: [], byKey: new Map() };
  }
}

function plain({ callFrame, selfSize, id, children }: Node): HeapProfileNode {
  return { callFrame, selfSize, id, children: children.map(plain) };
}
