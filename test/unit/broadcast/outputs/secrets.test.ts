import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputConfig, RtmpConfig } from '../../../../src/config/schema.js';
import { withSecrets } from '../../../../src/core/broadcast/outputs/secrets.js';
import type { BulkheadError } from '../../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../../support/temp.js';

const VARIABLE = 'BULKHEAD_TEST_SECRET';

describe('the secrets of an output', () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('secrets');
  });

  afterEach(() => {
    delete process.env[VARIABLE];
    folder.dispose();
  });

  const output = (change: Partial<RtmpConfig> = {}): OutputConfig => ({
    id: 'main',
    type: 'rtmp',
    url: 'rtmp://live.example/app',
    ...change,
  });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text);
    return `file:${join(folder.path, name)}`;
  };
  const keyOf = async (key: string) => (await withSecrets(output({ key }))).key;

  it('are what they say, where they refer to nothing', async () => {
    assert.equal(await keyOf('a-key'), 'a-key');
    assert.equal(await keyOf('environment:x'), 'environment:x');
    assert.deepEqual(await withSecrets(output()), output());
  });

  it('come from the environment', async () => {
    process.env[VARIABLE] = ' from the environment ';
    assert.equal(await keyOf(`env:${VARIABLE}`), ' from the environment ');
  });

  it('come from the first line of a file, without white space around it', async () => {
    for (const text of [
      'from a file',
      '  from a file\n',
      'from a file\r\nanother line\r\n',
      '\ufefffrom a file',
    ])
      assert.equal(await keyOf(file('key', text)), 'from a file');
  });

  it('are the key and the password, each by itself', async () => {
    process.env[VARIABLE] = 'the password';
    const resolved = await withSecrets(
      output({ key: file('key', 'the key'), username: 'env:USER', password: `env:${VARIABLE}` }),
    );
    assert.deepEqual(
      [resolved.key, resolved.username, resolved.password],
      ['the key', 'env:USER', 'the password'],
    );
  });

  it('are not resolved twice: a key may look like a reference', async () => {
    assert.equal(await keyOf(file('key', `env:${VARIABLE}`)), `env:${VARIABLE}`);
  });

  it('are missed with the place, the cause and the remedy, and never shown', async () => {
    const missing = `file:${join(folder.path, 'missing')}`;
    const cases: readonly (readonly [string, RegExp, RegExp])[] = [
      [`env:${VARIABLE}`, /^the environment variable BULKHEAD_TEST_SECRET is not set$/, /^Set BULKHEAD_TEST/],
      [missing, /^cannot read .*missing: ENOENT$/, /^Put the key alone on the first line/],
      [`file:${folder.path}`, /^cannot read .*: EISDIR$/, /^Put the key alone on the first line/],
      [file('empty', '\nkey-on-the-second-line'), /empty is empty$/, /^Put the key alone on its first line/],
      [file('blank', '  \n'), /blank is empty$/, /^Put the key alone on its first line/],
    ];
    for (const [key, message, remedy] of cases) {
      await assert.rejects(withSecrets(output({ key })), (error: BulkheadError) => {
        assert.deepEqual([error.code, error.where], ['config.secretNotFound', 'outputs.main']);
        assert.match(error.message, message);
        assert.match(error.remedy ?? '', remedy);
        assert.doesNotMatch(JSON.stringify(error), /second-line/);
        return true;
      });
    }
    process.env[VARIABLE] = '';
    await assert.rejects(keyOf(`env:${VARIABLE}`), { code: 'config.secretNotFound' });
  });

  it('are not waited for in a pipe that nobody writes to', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    await assert.rejects(keyOf(`file:${join(folder.path, 'pipe')}`), { code: 'config.secretNotFound' });
  });
});
