import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sinon from 'sinon';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { Broadcast } from '../../../src/core/broadcast/broadcast.js';
import type { CoreOptions } from '../../../src/core/core-options.js';
import type { ExtensionHosts } from '../../../src/core/extension-hosts/hosts/extension-hosts.js';
import type { Log } from '../../../src/core/log/log.js';
import type { Output } from '../../../src/core/publish/output.js';
import { Dialogs } from '../../../src/core/streamer/dialogs.js';
import type { EncoderStub } from '../../../src/core/stubs/encoder-stub.js';
import type { LiveServerStub } from '../../../src/core/stubs/live-server-stub.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const nothing = () => ({ dispose() {} });
const log: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

describe('starting a broadcast', () => {
  let folder: TempDir;
  let broadcast: Broadcast;
  let keys: (string | undefined)[];
  let outputs: { start: sinon.SinonStub; dispose: sinon.SinonSpy }[];
  const encoder = {
    onDidFinish: nothing,
    onDidGiveUp: nothing,
    onDidCrash: nothing,
    onDidFallBehind: nothing,
    onDidRecoverInput: nothing,
    start: sinon.stub(),
    stop: sinon.stub(),
    status: () => ({}),
    inputStatus: () => undefined,
  };

  beforeEach(() => {
    folder = tempDir('start');
    encoder.start.reset();
    encoder.stop.reset();
    encoder.stop.resolves();
    keys = [];
    outputs = [];
    broadcast = new Broadcast(
      { mode: 'spawn', address: '', version: '0' } as unknown as CoreOptions,
      encoder as unknown as EncoderStub,
      { setPlugins: () => {}, status: () => [] } as unknown as ExtensionHosts,
      { onDidMove: nothing, stop: async () => {} } as unknown as LiveServerStub,
      ({ id, key }) => {
        keys.push(key);
        const output = { start: sinon.stub(), dispose: sinon.spy() };
        outputs.push(output);
        return {
          id,
          onDidChange: nothing,
          ...output,
          push() {},
          async stop() {},
          status: () => ({ id, state: 'connecting' }),
          takeTransitTimes: () => [],
        } as unknown as Output;
      },
      new Dialogs(),
      { notice() {} },
      log,
    );
  });

  afterEach(async () => {
    await broadcast.stop();
    broadcast.dispose();
    folder.dispose();
  });

  const config = (key: string) =>
    BroadcastConfigSchema.parse({ outputs: [{ id: 'main', url: 'rtmp://live.example/app', key }] });
  const keyFile = () => {
    writeFileSync(join(folder.path, 'key'), 'the key');
    return `file:${join(folder.path, 'key')}`;
  };

  it('gives outputs their secrets', async () => {
    await broadcast.start(config(keyFile()));
    assert.deepEqual(keys, ['the key']);
    sinon.assert.calledOnce(encoder.start);
  });

  it('starts nothing where a secret is missing, and can be tried again', async () => {
    const missing = config(`file:${join(folder.path, 'key')}`);
    await assert.rejects(broadcast.start(missing), { code: 'config.secretNotFound' });
    sinon.assert.notCalled(encoder.start);
    assert.equal(broadcast.status().state, 'idle');
    keyFile();
    await broadcast.start(missing);
    assert.deepEqual(keys, ['the key']);
  });

  it('happens once, however often it is asked for while secrets are read', async () => {
    const first = broadcast.start(config(keyFile()));
    await assert.rejects(broadcast.start(config(keyFile())), { code: 'broadcast.state' });
    await first;
    assert.equal(keys.length, 1);
  });

  it('does not happen when it is stopped while secrets are read', async () => {
    const start = broadcast.start(config(keyFile()));
    await broadcast.stop();
    await assert.rejects(start, {
      code: 'broadcast.state',
      message: 'the broadcast was stopped before it had started',
    });
    sinon.assert.notCalled(encoder.start);
    assert.equal(broadcast.status().state, 'idle');
  });

  it('leaves nothing behind when the encoder cannot be started, and can be tried again', async () => {
    encoder.start.onFirstCall().throws(new Error('a defect of the encoder'));
    const states: string[] = [];
    broadcast.onDidChangeState((state) => states.push(state));
    await assert.rejects(broadcast.start(config(keyFile())), /a defect of the encoder/);
    assert.deepEqual(states, ['starting', 'stopping', 'idle']);
    sinon.assert.calledOnce(encoder.stop);
    sinon.assert.called(outputs[0]?.dispose ?? sinon.spy());
    assert.deepEqual(broadcast.status().outputs, []);
    await broadcast.start(config(keyFile()));
    assert.equal(broadcast.status().state, 'starting');
  });

  it('is over and can be started again when a part fails to end', async () => {
    const unexpected: unknown[] = [];
    const handler = setUnexpectedErrorHandler((error) => unexpected.push(error));
    try {
      await broadcast.start(config(keyFile()));
      encoder.stop.onFirstCall().rejects(new Error('not ended'));
      assert.equal((await broadcast.stop()).state, 'idle');
    } finally {
      handler.dispose();
    }
    assert.deepEqual(unexpected.map(String), ['Error: not ended']);
    sinon.assert.called(outputs[0]?.dispose ?? sinon.spy());
    await broadcast.start(config(keyFile()));
  });
});
