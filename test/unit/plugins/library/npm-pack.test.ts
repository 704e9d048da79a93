import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { npmPack } from '../../../../src/plugins/library/npm-pack.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

describe('packing with npm', () => {
  let folder: TempDir;
  let path: string | undefined;

  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(() => {
    folder = tempDir('npm');
    path = process.env['PATH'];
  });
  afterEach(() => {
    process.env['PATH'] = path;
    folder?.dispose();
  });

  /** Has a script take npm's place. */
  function npm(script: string): void {
    const file = join(folder.path, 'npm');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    process.env['PATH'] = `${folder.path}${delimiter}${path}`;
  }
  const refused = (message: string) => assert.rejects(npmPack('chat', folder.path), { message });

  it('asks for the archive alone, without scripts, and finds it', async () => {
    npm('printf "%s\\n" "$@" > arguments; touch chat-1.0.0.tgz');
    assert.equal(await npmPack('chat@1', folder.path), join(folder.path, 'chat-1.0.0.tgz'));
    assert.deepEqual(readFileSync(join(folder.path, 'arguments'), 'utf8').trim().split('\n'), [
      ...['pack', 'chat@1', '--ignore-scripts', '--pack-destination', '.'],
      ...['--loglevel', 'error', '--no-audit', '--no-update-notifier'],
    ]);
  });

  it("fails with npm's reason", async () => {
    npm('echo "npm error code E404" >&2; echo "npm error 404 Not Found" >&2; exit 1');
    await refused('chat: npm cannot get it: 404 Not Found');
    npm('echo "something else" >&2; exit 1');
    await assert.rejects(
      npmPack('chat', folder.path),
      /^BulkheadError: chat: npm cannot get it: Command failed/,
    );
    npm('exit 0');
    await refused('chat: npm packed nothing');
  });

  it('fails without npm', async () => {
    process.env['PATH'] = folder.path;
    await assert.rejects(npmPack('chat', folder.path), {
      message: 'chat: npm is needed to install it, and is not on the PATH',
      remedy: 'Use a .tgz instead.',
    });
  });
});
