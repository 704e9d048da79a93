import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationWatch } from '../../../src/cli/live/configuration-watch.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const text = (bitrateKbps: unknown) => `{\n  // mine\n  "video": { "bitrateKbps": ${bitrateKbps} }\n}\n`;

describe('the configuration file of a broadcast', () => {
  let folder: TempDir;
  let path: string;
  let bitrates: number[];
  let failures: (readonly string[])[];
  let watch: ConfigurationWatch;

  beforeEach(() => {
    folder = tempDir('configuration-watch');
    path = join(folder.path, 'show.jsonc');
    bitrates = [];
    failures = [];
    writeFileSync(path, text(1000));
  });
  afterEach(() => {
    watch.dispose();
    folder.dispose();
  });

  function begin(file = 'show.jsonc'): void {
    watch = new ConfigurationWatch({
      ...{ file, options: {}, context: { cwd: folder.path } },
      onDidChange: ({ video }) => bitrates.push(video.bitrateKbps),
      onDidFail: (lines) => failures.push(lines),
    });
  }
  const read = (count: number) =>
    eventually('it is read again', () => (bitrates.length >= count ? bitrates : undefined));
  const failed = (count: number) =>
    eventually('a mistake is told', () => (failures.length >= count ? failures[count - 1] : undefined));

  it('is read again when it is saved, in place or by another file of its name', async () => {
    begin();
    writeFileSync(path, text(2000));
    await read(1);
    writeFileSync(`${path}~`, text(3000));
    renameSync(`${path}~`, path);
    await read(2);
    writeFileSync(path, text(4000));
    assert.deepEqual([await read(3), failures], [[2000, 3000, 4000], []]);
  });

  it('is read through a link, also when the link leads elsewhere', async () => {
    mkdirSync(join(folder.path, 'real'));
    const [one, two] = ['one', 'two'].map((name) => join(folder.path, 'real', name)) as [string, string];
    writeFileSync(one, text(1000));
    writeFileSync(two, text(5000));
    rmSync(path);
    symlinkSync(one, path);
    begin();
    writeFileSync(one, text(2000));
    await read(1);
    symlinkSync(two, `${path}~`);
    renameSync(`${path}~`, path);
    assert.deepEqual(await read(2), [2000, 5000]);
  });

  it('is left alone while it is half-written, and a mistake that stays is told with its line, once', async () => {
    begin();
    writeFileSync(path, '{ "video": ');
    writeFileSync(path, text(2000));
    await read(1);
    writeFileSync(path, text('"much"'));
    assert.deepEqual(await failed(1), [
      'show.jsonc:3:29: video.bitrateKbps: expected a number, got "much"',
      'The broadcast goes on as it is: nothing was changed.',
    ]);
    rmSync(path);
    assert.match((await failed(2))?.[0] ?? '', /no such configuration file/);
    writeFileSync(path, text(3000));
    assert.deepEqual([await read(2), failures.length], [[2000, 3000], 2]);
  });
});
