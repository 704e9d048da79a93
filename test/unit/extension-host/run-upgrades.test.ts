import assert from 'node:assert/strict';
import type { UpgradeData, UpgradeScript } from '@bulkhead/extension-api';
import { NO_DATA, runUpgrades, upgradeScriptsOf } from '../../../src/extension-host/run-upgrades.js';

describe('the upgrade scripts of a plugin', () => {
  let ran: number[];

  beforeEach(() => {
    ran = [];
  });

  const run = (scripts: readonly unknown[], before: Partial<UpgradeData> = {}, applied = 0) =>
    runUpgrades({
      scripts: scripts as readonly UpgradeScript[],
      applied,
      before: { ...NO_DATA, ...before },
      willRun: async (script) => void ran.push(script),
      failure: (script, error) =>
        new Error(`script ${script}: ${(error as Error).message}`, { cause: error }),
    });

  it('run in order, each with what the one before has made, and only those that are due', async () => {
    const add = (letter: string) => (before: UpgradeData) => ({
      globalState: { ...before.globalState, word: `${String(before.globalState['word'])}${letter}` },
    });
    const after = await run([add('a'), add('b'), add('c')], { globalState: { word: '-', other: 1 } }, 1);
    assert.deepEqual([after.globalState, ran], [{ word: '-bc', other: 1 }, [2, 3]]);
  });

  it('leave parts as they are that they do not return, and can move values from one to the other', async () => {
    const before = { settings: { words: 3 }, profileState: { default: { a: 1 } } };
    const after = await run(
      [({ settings: { words, ...settings } }: UpgradeData) => ({ settings, globalState: { words } })],
      before,
    );
    assert.deepEqual(after, { ...NO_DATA, profileState: { default: { a: 1 } }, globalState: { words: 3 } });
    assert.deepEqual(before.settings, { words: 3 });
  });

  it('cannot change what they are given', async () => {
    const mutating = ({ globalState }: { globalState: Record<string, unknown> }) => {
      globalState['a'] = 2;
      return {};
    };
    await assert.rejects(run([mutating], { globalState: { a: 1 } }), /script 1: Cannot assign to read only/);
  });

  const wrong: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    throws: [
      () => {
        throw new TypeError('no luck');
      },
      /script 1: no luck/,
    ],
    'returns nothing': [() => {}, /it returned undefined: expected an object, \{\} for no change/],
    'returns a list': [() => [], /it returned \[\]: expected an object/],
    'is asynchronous': [async () => ({}), /it returned a Promise: upgrade scripts are not asynchronous/],
    'misspells a part': [
      () => ({ setings: {} }),
      /it returned "setings": expected settings, globalState, profileState, commands/,
    ],
    'returns what JSON does not know': [
      () => ({ globalState: { at: new Date(0) } }),
      /what it returned\.globalState\.at is a Date; pass its toISOString/,
    ],
    'returns a part of another kind': [
      () => ({ settings: 5 }),
      /it returned 5 as settings: expected an object/,
    ],
    'makes a profile': [
      () => ({ profileState: { gaming: {} } }),
      /state for "gaming", a profile that has none/,
    ],
    'makes a command': [
      () => ({ commands: [{ command: 'p.a', args: [] }] }),
      /as commands: expected as many as it was given, 0/,
    ],
  };
  for (const [what, [script, message]] of Object.entries(wrong)) {
    it(`fail where one ${what}`, async () => {
      await assert.rejects(run([script, () => assert.fail('it is not run')]), message);
    });
  }

  it('are given the commands that are stored, and return them under their new names', async () => {
    const rename = ({ commands }: UpgradeData) => ({
      commands: commands.map(({ command, args }) => ({ command: command.replace('old', 'new'), args })),
    });
    const { commands } = await run([rename], { commands: [{ command: 'p.old', args: [1] }] });
    assert.deepEqual(commands, [{ command: 'p.new', args: [1] }]);
    await assert.rejects(run([() => ({ commands: [5] })], { commands }), /it returned 5 as a command/);
  });

  it('are a list of functions', () => {
    assert.deepEqual(upgradeScriptsOf(undefined), []);
    assert.throws(() => upgradeScriptsOf({}), /expected a list of functions, got \{\}/);
    assert.throws(() => upgradeScriptsOf([() => ({}), 'x']), /\[1\]: expected a function, got 'x'/);
    assert.throws(
      () => upgradeScriptsOf(new Array(1001).fill(() => ({}))),
      /at most 1000 functions, got 1001/,
    );
  });
});
