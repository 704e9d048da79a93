import type { CallFrame, Sample } from './v8-log.js';

/** A `.cpuprofile`: the `Profiler.Profile` of the Chrome DevTools protocol, which Chrome and VS Code open. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** µs. */
  readonly startTime: number;
  readonly endTime: number;
  /** Of each sample the id of the node at which its stack ends, and how long after the one before it was taken, µs. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function at one place of the tree of calls. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  /** How many samples end here. */
  readonly hitCount: number;
  /** Ids. */
  readonly children: readonly number[];
}

const ROOT: CallFrame = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

/** @throws if there are no samples. */
export function cpuProfile(samples: readonly Sample[]): CpuProfile {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) throw new Error('V8 has taken no samples');
  const nodes: TreeNode[] = [];
  const add = (callFrame: CallFrame): TreeNode => {
    const node = { id: nodes.length + 1, callFrame, hitCount: 0, callees: new Map<CallFrame, TreeNode>() };
    nodes.push(node);
    return node;
  };
  const root = add(ROOT);
  const ends = samples.map(({ stack }) => {
    let node = root;
    for (const frame of stack) {
      const callee: TreeNode = node.callees.get(frame) ?? add(frame);
      node.callees.set(frame, callee);
      node = callee;
    }
    node.hitCount += 1;
    return node.id;
  });
  return {
    nodes: nodes.map(({ callees, ...node }) => ({
      ...node,
      children: [...callees.values()].map(({ id }) => id),
    })),
    startTime: first.atUs,
    endTime: last.atUs,
    samples: ends,
    timeDeltas: samples.map(({ atUs }, index) => atUs - (samples[index - 1]?.atUs ?? atUs)),
  };
}

interface TreeNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  hitCount: number;
  readonly callees: Map<CallFrame, TreeNode>;
}
