import assert from 'node:assert/strict';
import { ExtHostBroadcast } from '../../../src/extension-host/ext-host-broadcast.js';
import {
  type BroadcastSnapshot,
  BroadcastSnapshotNotification,
  type BroadcastTarget,
  BroadcastTargetNotification,
} from '../../../src/protocol/plugin-broadcast.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { eventually } from '../../support/wait.js';

describe('the broadcast as plugins see it', () => {
  let core: RpcConnection;
  let host: RpcConnection;
  let broadcast: ExtHostBroadcast;
  let seen: string[];
  let told = 0;

  beforeEach(() => {
    const [near, far] = createInMemoryPair();
    core = new RpcConnection(near, { peer: 'host' });
    host = new RpcConnection(far, { peer: 'core' });
    broadcast = new ExtHostBroadcast(host);
    core.listen();
    host.listen();
    seen = [];
    broadcast.onDidChangeState((state) => seen.push(state));
    broadcast.onDidStart(() => seen.push('start'));
    broadcast.onDidStop(() => seen.push('stop'));
  });

  afterEach(() => {
    broadcast.dispose();
    core.dispose();
    host.dispose();
  });

  const snapshot = (
    state: BroadcastSnapshot['state'],
    change: Partial<BroadcastSnapshot> = {},
  ): BroadcastSnapshot => ({
    sampledAtMs: 0,
    state,
    uptimeMs: ++told,
    encoder: { fps: 0, bitrateKbps: 0, restarts: 0 },
    timeline: { videoFrames: 0, audioFrames: 0, splices: 0, lastGapMs: 0, maxGapMs: 0 },
    outputs: [],
    ...change,
  });

  async function tell(...snapshots: BroadcastSnapshot[]): Promise<void> {
    for (const next of snapshots) core.sendNotification(BroadcastSnapshotNotification.type, next);
    const last = snapshots.at(-1);
    await eventually('the snapshot', () => broadcast.status.uptimeMs === last?.uptimeMs || undefined);
  }

  it('is encoded to what the core says, with an event for each but the first', async () => {
    const video = {
      width: 2,
      height: 2,
      fps: 30,
      codec: 'h264',
      encoder: 'libx264',
      bitrateKbps: 1,
    } as const;
    const target = {
      video,
      audio: { codec: 'aac', bitrateKbps: 1, sampleRate: 48_000, channels: 2 },
    } as const;
    const targets: unknown[] = [];
    broadcast.onDidChangeTarget((now) => targets.push(now));
    for (const next of [target, null, target])
      core.sendNotification(BroadcastTargetNotification.type, { target: next });
    await tell(snapshot('live'));
    const now: BroadcastTarget | undefined = broadcast.target;
    assert.deepEqual([targets, now], [[undefined, target], target]);
    assert.ok(Object.isFrozen(now?.video));
  });

  it('is idle before the first message of the core', () => {
    assert.deepEqual(broadcast.status, {
      state: 'idle',
      uptimeMs: 0,
      stats: {
        videoFrames: 0,
        audioFrames: 0,
        splices: 0,
        lastGapMs: 0,
        maxGapMs: 0,
        encoder: { fps: 0, bitrateKbps: 0, restarts: 0 },
        outputs: [],
      },
    });
  });

  it('fires no start for a plugin activated while it is live, but its end', async () => {
    await tell(snapshot('live'));
    await tell(snapshot('live'));
    assert.deepEqual(seen, []);
    await tell(snapshot('reconnecting'), snapshot('live'), snapshot('stopping'), snapshot('idle'));
    assert.deepEqual(seen, ['reconnecting', 'live', 'stopping', 'idle', 'stop']);
  });

  it('neither starts nor stops when it never went live', async () => {
    await tell(snapshot('idle'), snapshot('starting'), snapshot('stopping'), snapshot('idle'));
    assert.deepEqual(seen, ['starting', 'stopping', 'idle']);
  });

  it('fires no stop for a plugin activated while it ends', async () => {
    await tell(snapshot('stopping'), snapshot('idle'));
    assert.deepEqual(seen, ['idle']);
  });

  it('fires a stop that is only implied by the next state', async () => {
    await tell(snapshot('live'), snapshot('starting'), snapshot('live'));
    assert.deepEqual(seen, ['starting', 'stop', 'live', 'start']);
  });

  it("computes each output's bitrate from the bytes sent in between", async () => {
    const output = { id: 'a', state: 'live', sessions: 1, droppedFrames: 0, queueMs: 0 } as const;
    await tell(
      snapshot('live', { sampledAtMs: 1000, outputs: [{ ...output, bytesSent: 1_000_000 }] }),
      snapshot('reconnecting', {
        sampledAtMs: 3000,
        outputs: [
          { ...output, bytesSent: 1_250_000 },
          { ...output, id: 'new', bytesSent: 500 },
        ],
      }),
    );

    assert.deepEqual(
      broadcast.status.stats.outputs.map(({ id, bitrateKbps }) => [id, bitrateKbps]),
      [
        ['a', 1000],
        ['new', 0],
      ],
    );
  });

  it('has no bitrate where no time has passed, and none below 0', async () => {
    const output = { id: 'a', state: 'live', sessions: 1, droppedFrames: 0, queueMs: 0 } as const;
    const bitrates: unknown[] = [];
    broadcast.onDidUpdateStats(({ outputs }) => bitrates.push(outputs[0]?.bitrateKbps));
    for (const [sampledAtMs, bytesSent] of [
      [1000, 0],
      [1000, 5000],
      [999, 9000],
      [1999, 5000],
      [2999, 5125],
      [3000, 5250],
    ] as const)
      await tell(snapshot('live', { sampledAtMs, outputs: [{ ...output, bytesSent }] }));
    assert.deepEqual(bitrates, [0, 0, 0, 1, 1000]);
  });

  it('has the error of the core as long as there is one', async () => {
    await tell(snapshot('reconnecting', { error: 'no server' }));
    assert.equal(broadcast.status.error, 'no server');
    await tell(snapshot('live'));
    assert.equal('error' in broadcast.status, false);
  });

  it('fires nothing after its end', async () => {
    await tell(snapshot('idle'));
    broadcast.onDidUpdateStats(() => seen.push('stats'));
    broadcast.dispose();
    await tell(snapshot('live'), snapshot('idle'));
    assert.deepEqual(seen, []);
  });
});
