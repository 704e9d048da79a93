import assert from 'node:assert/strict';
import { CodeMap } from '../../../src/process-host/cpu-profile/code-map.js';
import { cpuProfile } from '../../../src/process-host/cpu-profile/cpu-profile.js';
import { V8Log } from '../../../src/process-host/cpu-profile/v8-log.js';

/** A log of V8 as a plugin's host writes it: two functions, one of them moved and optimized, and a regular expression. */
const LOG = `v8-version,12,4,254,21,-node.33,0
shared-library,/usr/bin/node,0x400000,0x8000000,0
profiler,begin,10000
code-creation,Builtin,2,100,0x1000,500,ArrayMap
code-creation,Script,0,200,0x2000,100, file:///plugins/my%20one/main.mjs:1:1,0x9000,~
code-creation,Function,0,201,0x3000,100,run /plugins/one/main.cjs:3:15,0x9001,~
code-creation,Function,0,202,0x4000,5000,spin\\x2C twice /plugins/one/main.cjs:10:20,0x9002,~
code-creation,RegExp,3,203,0x7000,100,(a+)+b
tick,0x3010,1000,0,0x0,0,0x3010,0x2010
tick,0x1010,11000,0,0x0,0,0x4800,0x3020,0x2010
tick,0x500000,21000,0,0x0,6
tick,0x500000,31000,0,0x0,1
code-move,0x3000,0x13000
code-creation,Function,0,40000,0x3000,100,other /plugins/one/other.cjs:1:1,0x9003,~
tick,0x13001,41000,0,0x0,0,overflow,0x2010
tick,0x7001,51000,0,0x0,0,0x3001
tick,0x500000,61000,1,0x4001,0,0x2010
not,a,line
tick,text`;

function read(log: string): V8Log {
  const reader = new V8Log();
  for (const line of log.split('\n')) reader.read(line);
  return reader;
}

describe("V8's log", () => {
  it('says when which functions ran', () => {
    const stacks = read(LOG).samples.map(({ atUs, stack }) => [
      atUs,
      stack.map(({ functionName }) => functionName).join(' > '),
    ]);
    assert.deepEqual(stacks, [
      [1000, '(anonymous) > run'],
      [11_000, '(anonymous) > run > spin, twice'],
      [21_000, '(idle)'],
      [31_000, '(garbage collector)'],
      [41_000, '(anonymous) > run'],
      [51_000, 'other > RegExp: (a+)+b'],
      [61_000, '(anonymous) > spin, twice'],
    ]);
  });

  it('says where each function is, from 0 on, with a URL', () => {
    const [first, second] = read(LOG).samples[1]?.stack ?? [];
    assert.deepEqual(first, {
      ...{ functionName: '(anonymous)', scriptId: '0', url: 'file:///plugins/my%20one/main.mjs' },
      ...{ lineNumber: 0, columnNumber: 0 },
    });
    assert.deepEqual(second, {
      ...{ functionName: 'run', scriptId: '0', url: 'file:///plugins/one/main.cjs' },
      ...{ lineNumber: 2, columnNumber: 14 },
    });
  });

  it('is kept to its last samples', () => {
    const log = new V8Log();
    for (let count = 0; count < 150_000; count++) log.read(`tick,0x1,${count},0,0x0,6`);
    const { samples } = log;
    assert.deepEqual([samples.length, samples[0]?.atUs], [60_000, 90_000]);
  });
});

describe('a CPU profile', () => {
  it('is the tree of calls, with the node of each sample and the time to the next one', () => {
    const { nodes, samples, timeDeltas, startTime, endTime } = cpuProfile(read(LOG).samples);
    assert.deepEqual(
      nodes.map(({ id, callFrame, hitCount, children }) => [id, callFrame.functionName, hitCount, children]),
      [
        [1, '(root)', 0, [2, 5, 6, 7]],
        [2, '(anonymous)', 0, [3, 9]],
        [3, 'run', 2, [4]],
        [4, 'spin, twice', 1, []],
        [5, '(idle)', 1, []],
        [6, '(garbage collector)', 1, []],
        [7, 'other', 0, [8]],
        [8, 'RegExp: (a+)+b', 1, []],
        [9, 'spin, twice', 1, []],
      ],
    );
    assert.deepEqual(samples, [3, 4, 5, 6, 3, 8, 9]);
    assert.deepEqual(timeDeltas, [0, ...Array(6).fill(10_000)]);
    assert.deepEqual([startTime, endTime], [1000, 61_000]);
  });

  it('is not made of a log without samples', () => {
    assert.throws(() => cpuProfile(read('v8-version,12').samples), /has taken no samples/);
  });
});

describe('a map of code', () => {
  it('finds what was last put at an address', () => {
    const map = new CodeMap<string>();
    map.add(4000, 10_000, 'large');
    assert.deepEqual(
      [3999, 4000, 4096, 13_999, 14_000].map((address) => map.at(address)),
      [undefined, 'large', 'large', 'large', undefined],
    );
    map.add(8192, 10, 'new');
    assert.deepEqual([map.at(8192), map.at(4000)], ['new', 'large']);
    map.move(8192, 20_000);
    assert.deepEqual([map.at(8192), map.at(20_009)], [undefined, 'new']);
    map.move(1, 2);
    for (const [start, size] of [
      [Number.NaN, 5],
      [-5, 5],
      [0, Number.POSITIVE_INFINITY],
      [0, 1e15],
    ] as const)
      map.add(start, size, 'absurd');
    assert.equal(map.at(0), undefined);
  });
});
