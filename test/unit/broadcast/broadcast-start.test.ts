import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sinon from 'sinon';
import { setUnexpectedErrorHandler } from '../../../src/base/unexpected-error.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { BroadcastStage } from './broadcast-stage.js';

describe('starting a broadcast', () => {
  let folder: TempDir;
  let stage: BroadcastStage;

  beforeEach(() => {
    folder = tempDir('start');
    stage = new BroadcastStage();
  });

  afterEach(async () => {
    await stage.end();
    folder.dispose();
  });

  const config = (key: string) =>
    BroadcastConfigSchema.parse({ outputs: [{ id: 'main', url: 'rtmp://live.example/app', key }] });
  const keyFile = () => {
    writeFileSync(join(folder.path, 'key'), 'the key');
    return `file:${join(folder.path, 'key')}`;
  };

  it('gives outputs their secrets', async () => {
    await stage.start(config(keyFile()));
    assert.deepEqual(stage.keys, ['the key']);
    sinon.assert.calledOnce(stage.encoder.start);
  });

  it('starts nothing where a secret is missing, and can be tried again', async () => {
    const missing = config(`file:${join(folder.path, 'key')}`);
    await assert.rejects(stage.start(missing), { code: 'config.secretNotFound' });
    sinon.assert.notCalled(stage.encoder.start);
    assert.equal(stage.broadcast.status().state, 'idle');
    keyFile();
    await stage.start(missing);
    assert.deepEqual(stage.keys, ['the key']);
  });

  it('runs the additional step after its own checks, and starts nothing if that fails', async () => {
    const failure = new BulkheadError(ErrorCodes.pluginInvalid, 'no such plugin');
    stage.step.check.onFirstCall().rejects(failure);
    stage.step.apply.onFirstCall().throws(failure);
    const good = config(keyFile());
    await assert.rejects(stage.start(good), { code: 'plugin.invalid' });
    assert.deepEqual(stage.keys, []);
    sinon.assert.notCalled(stage.step.apply);
    await assert.rejects(stage.start(good), { code: 'plugin.invalid' });
    sinon.assert.calledOnce(stage.made.at(-1)?.dispose ?? sinon.fake());
    sinon.assert.notCalled(stage.encoder.start);
    assert.deepEqual(stage.states, []);
    await assert.rejects(
      stage.broadcast.startAgain(),
      { code: 'broadcast.state' },
      'it has not been started',
    );

    await stage.start(good);
    sinon.assert.callOrder(stage.step.apply, stage.encoder.start);
    const missing = config(`file:${join(folder.path, 'none')}`);
    await stage.broadcast.stop();
    await assert.rejects(stage.start(missing), { code: 'config.secretNotFound' });
    sinon.assert.calledTwice(stage.step.apply);
  });

  it('happens once, however often it is asked for while secrets are read', async () => {
    const first = stage.start(config(keyFile()));
    await assert.rejects(stage.start(config(keyFile())), { code: 'broadcast.state' });
    await first;
    assert.equal(stage.keys.length, 1);
  });

  it('does not happen when it is stopped while secrets are read', async () => {
    const start = stage.start(config(keyFile()));
    await stage.broadcast.stop();
    await assert.rejects(start, {
      code: 'broadcast.state',
      message: 'the broadcast was stopped before it had started',
    });
    sinon.assert.notCalled(stage.encoder.start);
    assert.equal(stage.broadcast.status().state, 'idle');
  });

  it('leaves nothing behind when the encoder cannot be started, and can be tried again', async () => {
    stage.encoder.start.onFirstCall().throws(new Error('a defect of the encoder'));
    await assert.rejects(stage.start(config(keyFile())), /a defect of the encoder/);
    assert.deepEqual(stage.states, ['starting', 'stopping', 'idle']);
    sinon.assert.calledOnce(stage.encoder.stop);
    sinon.assert.called(stage.made.at(-1)?.dispose ?? sinon.fake());
    assert.deepEqual(stage.broadcast.status().outputs, []);
    await stage.start(config(keyFile()));
    assert.equal(stage.broadcast.status().state, 'starting');
  });

  it('is over and can be started again when a part fails to end', async () => {
    const unexpected: unknown[] = [];
    const handler = setUnexpectedErrorHandler((error) => unexpected.push(error));
    try {
      await stage.start(config(keyFile()));
      stage.encoder.stop.onFirstCall().rejects(new Error('not ended'));
      await stage.broadcast.stop();
      assert.equal(stage.broadcast.status().state, 'idle');
    } finally {
      handler.dispose();
    }
    assert.deepEqual(unexpected.map(String), ['Error: not ended']);
    sinon.assert.called(stage.output('main').dispose);
    await stage.start(config(keyFile()));
  });
});
