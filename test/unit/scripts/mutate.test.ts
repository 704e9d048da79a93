import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TempDir, tempDir } from '../../support/temp.js';

const LAMP = `import { setTimeout } from 'node:timers';
export class Lamp {
    constructor(log) {
        this.log = log;
        this.isOn = false;
    }
    press(count) {
        this.log.info('pressed', count + 1);
        if (count < 0)
            throw new RangeError('a negative count of ' + (count - 1));
        this.isOn = count % 2 === 1 && !this.isOn;
        return \`pressed \${count * 3} times\`;
    }
}
`;
const LAMP_TEST = `import assert from 'node:assert/strict';
import { Lamp } from '../../../src/lamp/lamp.js';
const press = (count) => {
    const lamp = new Lamp({ info() {} });
    lamp.press(count);
    return lamp.isOn;
};
it('lights', () => assert.deepEqual([0, 1, 2, 3].map(press), [false, true, false, true]));
`;

describe('the measurement of mutants killed by unit tests', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('mutate');
    write('src/lamp/lamp.ts', LAMP);
    write('dist/src/lamp/lamp.js', LAMP);
    // Each line is its source's line.
    const mappings = LAMP.split('\n').map((_line, index) => (index === 0 ? 'AAAA' : 'AACA'));
    const map = { version: 3, sources: ['lamp.ts'], names: [], mappings: mappings.join(';') };
    write('dist/src/lamp/lamp.js.map', JSON.stringify(map));
    write('dist/test/unit/lamp/lamp.test.js', LAMP_TEST);
    write('package.json', '{ "type": "module" }');
    writeEquivalents([]);
  });

  afterEach(() => folder.dispose());

  function write(file: string, text: string): void {
    const path = join(folder.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  function writeEquivalents(entries: readonly object[]): void {
    write('scripts/mutate/equivalent.json', JSON.stringify(entries));
  }

  function mutate(...args: string[]) {
    const script = ['scripts/mutate.mjs', '--root', folder.path, ...args];
    return spawnSync(process.execPath, script, { encoding: 'utf8' });
  }

  /** `line: change` of each mutant. */
  function listed(...args: string[]): string[] {
    const { stdout } = mutate('lamp', '--list', ...args);
    return [...stdout.matchAll(/^src\/lamp\/lamp\.ts:(\d+) {2}(.*)$/gm)].map(
      ([, line, change]) => `${line}: ${change}`,
    );
  }

  it('changes operators, conditions, constants and statements, and leaves texts for people alone', () => {
    assert.deepEqual(listed().sort(), [
      '11: !this.isOn → this.isOn',
      '11: 1 → 2',
      '11: 2 → 3',
      '11: count % 2 === 1 && !this.isOn → count % 2 === 1 || !this.isOn',
      '11: count % 2 === 1 → count % 2 !== 1',
      '11: count % 2 → count * 2',
      '11: this.isOn = count % 2 === 1 && !this.isOn; → removed',
      '5: false → true',
      '9: 0 → 1',
      '9: count < 0 → count <= 0',
      '9: count < 0 → count >= 0',
      '9: count < 0 → false',
      '9: count < 0 → true',
    ]);
  });

  it('takes the same sample for the same seed', () => {
    const sample = listed('--sample', '5', '--seed', '3');
    assert.equal(sample.length, 5);
    assert.deepEqual(listed('--sample', '5', '--seed', '3'), sample);
    assert.notDeepEqual(listed('--sample', '5', '--seed', '4'), sample);
  });

  it('leaves out what is listed as equivalent, and reports an entry that fits nothing', () => {
    const entry = {
      file: 'src/lamp/lamp.ts',
      text: 'this.isOn = false;',
      change: 'false → true',
      reason: '',
    };
    writeEquivalents([entry]);
    assert.equal(listed().includes('5: false → true'), false);
    writeEquivalents([{ ...entry, change: 'true → false' }]);
    const { status, stderr } = mutate('lamp', '--list');
    assert.equal(status, 2);
    assert.match(stderr, /names what is not there any more[\s\S]*true → false/);
  });

  it('rejects a missing room', () => {
    const { status, stderr } = mutate('cellar');
    assert.equal(status, 2);
    assert.match(stderr, /^There is no built room "cellar"/);
  });

  it('counts killed mutants, and fails if there are too few', function () {
    if (spawnSync('bwrap', ['--version']).status !== 0) this.skip();
    const { status, stdout } = mutate('lamp', '--sample', '3', '--seed', '10');
    assert.match(
      stdout,
      /^lamp: 3 of 13 mutants \(seed 10\): 2 killed, 0 timed out, 0 out of memory, 1 survived; score 66\.7 %$/m,
    );
    assert.match(stdout, /^survived: src\/lamp\/lamp\.ts:9 {2}count < 0 → false$/m);
    assert.equal(status, 1);
  });

  it('ends a mutant that takes too much memory outside the heap, and counts it as killed', function () {
    if (spawnSync('bwrap', ['--version']).status !== 0) this.skip();
    const source = 'export const isLarge = false;\n';
    write('src/hoard/hoard.ts', source);
    write('dist/src/hoard/hoard.js', source);
    write(
      'dist/src/hoard/hoard.js.map',
      JSON.stringify({ version: 3, sources: ['hoard.ts'], names: [], mappings: 'AAAA' }),
    );
    write(
      'dist/test/unit/hoard/hoard.test.js',
      `import { isLarge } from '../../../src/hoard/hoard.js';
      it('stays small', function (done) {
        if (!isLarge) return done();
        this.timeout(0);
        const kept = Buffer.alloc(700 * 1024 ** 2, 1);
        setInterval(() => kept.length, 1000);
      });`,
    );
    const { status, stdout } = mutate('hoard', '--memory', '400');
    assert.match(stdout, /^out of memory: src\/hoard\/hoard\.ts:1 {2}false → true$/m);
    assert.match(stdout, /0 killed, 0 timed out, 1 out of memory, 0 survived; score 100\.0 %$/m);
    assert.equal(status, 0);
  });
});
