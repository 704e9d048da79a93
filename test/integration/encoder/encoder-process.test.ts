import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { HeartbeatRequest } from '../../../src/protocol/lifecycle.js';
import { allGone, processInfo } from '../../support/children.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { EncoderSession, encodeSettings } from './encoder-session.js';
import { decode } from './flv-report.js';

const PATTERN = encodeSettings({ input: { type: 'test-pattern' } });

describe('the encoder process', function () {
  this.timeout(30_000);
  let dir: TempDir;
  let session: EncoderSession;
  let child: ChildProcess;
  const recording = () => join(dir.path, 'recording.flv');

  beforeEach(async () => {
    dir = tempDir('process');
    ({ session, child } = await EncoderSession.asProcess(recording()));
  });
  afterEach(async () => {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    session.dispose();
    await gone;
    dir.dispose();
  });

  it('passes its media connection on to ffmpeg, its child in the same process group', async () => {
    const { ffmpegPid } = await session.start(PATTERN);
    await session.hasPlayed(0.5);
    assert.equal(processInfo(ffmpegPid)?.parentPid, child.pid);
    assert.equal(processInfo(ffmpegPid)?.processGroup, child.pid);
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
    assert.equal((await session.exited).finished, true);
    assert.equal(await decode(recording()), '');
  });

  it('lets the media end with ffmpeg, and keeps running', async () => {
    const { ffmpegPid } = await session.start(PATTERN);
    await session.hasPlayed(0.3);
    process.kill(ffmpegPid, 'SIGKILL');
    await session.recorded;
    assert.equal((await session.exited).error?.code, 'encoder.crashed');
    await session.connection.sendRequest(HeartbeatRequest.type, {});
  });

  it('ends ffmpeg when it is killed', async () => {
    const { ffmpegPid } = await session.start(PATTERN);
    await session.hasPlayed(0.3);
    process.kill(child.pid ?? 0, 'SIGKILL');
    assert.deepEqual(await allGone([ffmpegPid], 5000), []);
    await session.recorded;
  });

  it('ends ffmpeg when it exits because its control channel has closed', async () => {
    const { ffmpegPid } = await session.start(PATTERN);
    await session.hasPlayed(0.3);
    const ended = once(child, 'exit');
    session.connection.dispose();
    await ended;
    assert.deepEqual(await allGone([ffmpegPid], 5000), []);
  });

  it('answers quickly while ffmpeg is stopped', async () => {
    const { ffmpegPid } = await session.start(PATTERN);
    process.kill(ffmpegPid, 'SIGSTOP');
    await session.connection.sendRequest(HeartbeatRequest.type, {}, { deadlineMs: 5000 });
  });
});
