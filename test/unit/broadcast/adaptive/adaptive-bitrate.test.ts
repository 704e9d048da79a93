import assert from 'node:assert/strict';
import { type BroadcastConfigInput, BroadcastConfigSchema } from '../../../../src/config/schema.js';
import {
  AdaptiveBitrate,
  type FollowedOutput,
} from '../../../../src/core/broadcast/adaptive/adaptive-bitrate.js';
import type { OutputFlow } from '../../../../src/core/publish/output.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { SILENT_LOG } from '../../../support/silent-log.js';

/** An output that takes a share of what it is sent. */
class SomeOutput implements FollowedOutput {
  isFollowed = true;
  isLive = true;
  private late = 0;
  stalledMs = 0;
  private taken = 0;

  constructor(
    readonly id: string,
    /** Of what the queue grows by, ms each second. */
    public growing = 0,
  ) {}

  flow(): OutputFlow | undefined {
    this.late = Math.max(0, this.late + this.growing / 4);
    this.taken += 50_000;
    return this.isLive ? { lateMs: this.late, stalledMs: this.stalledMs, takenBytes: this.taken } : undefined;
  }
}

describe('AdaptiveBitrate', () => {
  let clock: FakeClock;
  let asked: number[];
  let change: () => Promise<void>;
  let adaptive: AdaptiveBitrate;
  let outputs: SomeOutput[];

  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    change = async () => {};
    outputs = [new SomeOutput('main')];
    const encoder = {
      reconfigure: async ({ video }: { video?: { bitrateKbps?: number } | undefined }) => {
        asked.push(video?.bitrateKbps ?? 0);
        await change();
        return undefined as never;
      },
    };
    adaptive = new AdaptiveBitrate(encoder, SILENT_LOG);
  });

  afterEach(() => {
    adaptive.dispose();
    assert.equal(clock.pending, 0, 'a timer is left');
    clock.restore();
  });

  function start(video: BroadcastConfigInput['video'] = { adaptiveBitrate: true, bitrateKbps: 4000 }): void {
    adaptive.start(BroadcastConfigSchema.parse({ video }), () => outputs);
  }

  it('does nothing unless the settings say so', async () => {
    start({ bitrateKbps: 4000 });
    outputs = [new SomeOutput('main', 800)];
    await clock.pass(5000, 250);
    assert.deepEqual([asked, adaptive.status(), adaptive.mostKbps], [[], undefined, undefined]);
  });

  it('goes down within two seconds of a network that carries less, and says for which output', async () => {
    start();
    await clock.pass(5000, 250);
    assert.deepEqual(asked, []);
    outputs = [new SomeOutput('main'), new SomeOutput('slow', 800)];
    await clock.pass(2000, 250);
    const [kbps = 0] = asked;
    assert.ok(kbps < 4000 && kbps >= 1000, String(kbps));
    assert.deepEqual(adaptive.status(), {
      bitrateKbps: kbps,
      leastKbps: 1000,
      mostKbps: 4000,
      slowest: 'slow',
    });
  });

  it('never goes below the least of the settings', async () => {
    start({ adaptiveBitrate: true, bitrateKbps: 4000, minBitrateKbps: 3000 });
    outputs = [new SomeOutput('main', 900)];
    await clock.pass(60_000, 250);
    assert.ok(asked.length > 0);
    assert.ok(Math.min(...asked) >= 3000, String(asked));
  });

  it('follows none that is not live, takes nothing at all, or is set not to be followed', async () => {
    start();
    outputs = ['dead', 'lost', 'other'].map((id) => new SomeOutput(id, 900));
    const [dead, lost, other] = outputs;
    assert.ok(dead && lost && other);
    dead.isLive = false;
    lost.stalledMs = 6000;
    other.isFollowed = false;
    await clock.pass(10_000, 250);
    assert.deepEqual(asked, []);
  });

  it('leaves an output behind that takes nothing any more, and goes up again without it', async () => {
    start();
    const slow = new SomeOutput('slow', 900);
    outputs = [new SomeOutput('main'), slow];
    await clock.pass(5000, 250);
    assert.equal(adaptive.status()?.slowest, 'slow');
    slow.stalledMs = 6000;
    await clock.pass(500, 250);
    assert.equal(asked.at(-1), 4000);
  });

  it('asks for one change after the other, and again where the encoder has refused one', async () => {
    start();
    outputs = [new SomeOutput('main', 900)];
    change = () => Promise.reject(new Error('not now'));
    await clock.pass(2500, 250);
    assert.equal(asked.length, 1);
    assert.equal(adaptive.status()?.bitrateKbps, 4000);
    await clock.pass(1500, 250);
    assert.equal(asked.length, 2);
  });

  it('waits while the streamer changes settings, and begins anew from the bitrate that is set', async () => {
    start();
    outputs = [new SomeOutput('main', 900)];
    let finish: (kbps: number) => void = () => {};
    const changed = adaptive.pausedFor(
      () =>
        new Promise<number>((resolve) => {
          finish = resolve;
        }),
      (kbps) => kbps,
    );
    await clock.pass(5000, 250);
    assert.deepEqual(asked, []);
    finish(3000);
    await changed;
    assert.equal(adaptive.mostKbps, 3000);
    await clock.pass(2000, 250);
    assert.ok((asked[0] ?? 9999) < 3000);
  });
});
