import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import type { EncoderSettingsChange } from '../../../src/protocol/encoder-settings.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { fakeOutputs } from '../../support/fake-outputs.js';
import { CliFixture } from './cli-run.js';
import { FakeCore } from './fake-core.js';

describe('bulkhead encoder', () => {
  let cli: CliFixture;
  let core: FakeCore;
  let asked: EncoderSettingsChange[];
  let show: string;

  beforeEach(async () => {
    cli = new CliFixture();
    core = new FakeCore();
    asked = [];
    show = join(cli.folder, 'show.jsonc');
    writeFileSync(show, '{ "profile": "gaming" } // mine\n');
    const outputs = fakeOutputs();
    core.outputs = { ...outputs, list: async () => ({ ...(await outputs.list()), show }) };
    core.setEncoder = (change) => {
      asked.push(change);
      const { video, audio } = BroadcastConfigSchema.parse({});
      return { video: { ...video, ...change.video }, audio };
    };
    await core.listen(cli.address);
  });

  afterEach(async () => {
    await cli.end();
    core.dispose();
  });

  async function set(...args: readonly string[]) {
    const run = cli.run(['encoder', 'set', ...args]);
    const code = await run.exitCode;
    return { code, stdout: run.stdout, stderr: run.stderr };
  }

  it('changes settings, and saves them where that is asked for', async () => {
    const first = await set('bitrate=4000', 'preset=faster');
    assert.deepEqual([first.code, first.stderr], [0, '']);
    assert.equal(first.stdout, 'The encoder goes on with video.bitrateKbps 4000, video.preset faster.\n');
    assert.deepEqual(asked, [{ video: { bitrateKbps: 4000, preset: 'faster' } }]);
    assert.equal(readFileSync(show, 'utf8'), '{ "profile": "gaming" } // mine\n');
    const saved = await set('bitrate=3000', '--save', '--json');
    const { video, saved: file } = JSON.parse(saved.stdout) as {
      video: { bitrateKbps: number };
      saved: string;
    };
    assert.deepEqual([saved.code, video.bitrateKbps, file], [0, 3000, show]);
    const text = readFileSync(show, 'utf8');
    assert.match(text, /"bitrateKbps": 3000/);
    assert.match(text, /\/\/ mine\n$/);
  });

  it('says what is wrong, and saves nothing that does not work', async () => {
    const typo = await set('bitrat=4000');
    assert.equal(typo.code, 64);
    assert.match(typo.stderr, /unknown setting "bitrat"; did you mean "bitrate"\?/);
    assert.equal((await set()).code, 64);
    core.setEncoder = () => {
      throw new BulkheadError(ErrorCodes.broadcastState, 'nothing is being encoded at present');
    };
    const refused = await set('preset=fast', '--save');
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /nothing is being encoded at present/);
    assert.equal(readFileSync(show, 'utf8'), '{ "profile": "gaming" } // mine\n');
  });
});
