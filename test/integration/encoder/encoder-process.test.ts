import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { EncoderStopRequest } from '../../../src/protocol/encoder.js';
import { HeartbeatRequest } from '../../../src/protocol/lifecycle.js';
import { allGone, childrenOf, processInfo } from '../../support/children.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { EncoderSession, encodeSettings, startedOf } from './encoder-session.js';
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

  it('writes its media to the core, and has its ffmpegs in its process group', async () => {
    const { processes } = await session.start(PATTERN);
    await session.hasPlayed(0.5);
    for (const pid of startedOf(processes)) {
      assert.equal(processInfo(pid)?.parentPid, child.pid);
      assert.equal(processInfo(pid)?.processGroup, child.pid);
    }
    await session.connection.sendRequest(EncoderStopRequest.type, {});
    await session.recorded;
    assert.equal((await session.exited).finished, true);
    assert.equal(await decode(recording()), '');
  });

  it('ends its ffmpegs when it is killed', async () => {
    const { processes } = await session.start(PATTERN);
    await session.hasPlayed(0.3);
    const pids = childrenOf(child.pid ?? 0).map(({ pid }) => pid);
    assert.ok(startedOf(processes).every((pid) => pids.includes(pid)));
    process.kill(child.pid ?? 0, 'SIGKILL');
    assert.deepEqual(await allGone(pids, 5000), []);
    await session.recorded;
  });

  it('ends its ffmpegs when it exits because its control channel has closed', async () => {
    await session.start(PATTERN);
    await session.hasPlayed(0.3);
    const pids = childrenOf(child.pid ?? 0).map(({ pid }) => pid);
    const ended = once(child, 'exit');
    session.connection.dispose();
    await ended;
    assert.deepEqual(await allGone(pids, 5000), []);
  });

  it('answers quickly while its encoders are stopped', async () => {
    const { processes } = await session.start(PATTERN);
    for (const pid of startedOf(processes)) process.kill(pid, 'SIGSTOP');
    await session.connection.sendRequest(HeartbeatRequest.type, {}, { deadlineMs: 5000 });
  });
});
