import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { InputConfig } from '../../../src/config/schema.js';
import { InputWatch } from '../../../src/core/stubs/input-watch.js';
import { BulkheadError, type ErrorCode, ErrorCodes } from '../../../src/protocol/errors.js';

const URL: InputConfig = { type: 'url', url: 'rtmp://joe:pass@host/app/KEY' };
const FILE: InputConfig = { type: 'file', path: '/media/ta\u202elk.mp4', loop: true };

describe('InputWatch', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['performance'] });
    // Its times count from its own beginning, not from that of the process.
    clock.tick(5000);
  });
  afterEach(() => clock.restore());

  const failure = (code: ErrorCode) => new BulkheadError(code, 'why');

  const gone = failure(ErrorCodes.inputUnreachable).toData();

  it('waits for a source that starts, shows no secret, and reports nothing for a normal start', () => {
    const watch = new InputWatch(URL);
    assert.deepEqual(watch.reported({ state: 'starting' }), {});
    clock.tick(600);
    assert.deepEqual(watch.status(), {
      name: 'rtmp://***@host/app/***',
      state: 'waiting',
      missingMs: 600,
      loops: false,
    });
    assert.deepEqual(watch.reported({ state: 'live' }), {});
    assert.deepEqual([watch.status().state, watch.status().missingMs], ['delivering', 0]);
  });

  it('reports once that nothing has come in ten seconds', () => {
    const watch = new InputWatch(URL);
    clock.tick(9999);
    assert.deepEqual(watch.reported({ state: 'starting' }), {});
    clock.tick(1);
    assert.match(watch.reported({ state: 'starting' }).lost?.message ?? '', /delivers nothing/);
    assert.deepEqual(watch.reported({ state: 'starting' }), {});
    assert.equal(watch.status().error?.code, 'input.unreachable');
    assert.deepEqual(watch.reported({ state: 'live' }), { recoveredAfterMs: 10_000 });
    assert.equal(watch.status().error, undefined);
  });

  it('has the reason of a source that cannot be opened, until it is live', () => {
    const watch = new InputWatch(URL);
    clock.tick(1000);
    watch.reported({ state: 'retrying', error: gone });
    assert.deepEqual([watch.status().state, watch.status().error?.code], ['waiting', 'input.unreachable']);
    watch.reported({ state: 'live' });
    assert.equal(watch.status().error, undefined);
  });

  it('is lost from the first report until the source is back, says so after a while, and keeps the reason', () => {
    const watch = new InputWatch(URL);
    watch.reported({ state: 'live' });
    watch.reported({ state: 'stalled' });
    clock.tick(1000);
    assert.deepEqual(watch.reported({ state: 'retrying', error: gone }), {});
    clock.tick(1000);
    assert.equal(watch.reported({ state: 'retrying' }).lost?.message, 'why');
    const { state, missingMs, error } = watch.status();
    assert.deepEqual([state, missingMs, error?.code], ['lost', 2000, 'input.unreachable']);
    assert.deepEqual(watch.reported({ state: 'live' }), { recoveredAfterMs: 2000 });
    assert.deepEqual(watch.reported({ state: 'live' }), {});
  });

  it('is lost anew after it was back', () => {
    const watch = new InputWatch(URL);
    watch.reported({ state: 'live' });
    for (let loss = 0; loss < 2; loss++) {
      watch.reported({ state: 'retrying', error: gone });
      clock.tick(1500);
      assert.equal(watch.reported({ state: 'retrying' }).lost?.message, 'why');
      clock.tick(500);
      assert.deepEqual(watch.reported({ state: 'live' }), { recoveredAfterMs: 2000 });
    }
  });

  it('says nothing of a source that was missing for a moment', () => {
    const watch = new InputWatch(URL);
    watch.reported({ state: 'live' });
    watch.reported({ state: 'stalled' });
    clock.tick(1400);
    assert.deepEqual(watch.reported({ state: 'stalled' }), {});
    assert.deepEqual(watch.reported({ state: 'live' }), {});
  });

  it('delivers while another run opens the source again, and after its end', () => {
    const watch = new InputWatch(FILE);
    watch.reported({ state: 'live' });
    assert.deepEqual(watch.reported({ state: 'starting' }), {});
    assert.equal(watch.status().state, 'delivering');
    watch.reported({ state: 'ended' });
    assert.equal(watch.status().state, 'delivering');
  });

  it('is lost by a run that ends because of it, which is reported itself, until it is live again', () => {
    const watch = new InputWatch(URL);
    watch.reported({ state: 'live' });
    clock.tick(10_000);
    watch.runFailed(failure(ErrorCodes.encoderSilent));
    clock.tick(4000);
    watch.runFailed(failure(ErrorCodes.inputUnreachable));
    assert.deepEqual(watch.reported({ state: 'retrying' }), {});
    clock.tick(1000);
    const { state, missingMs, error } = watch.status();
    assert.deepEqual([state, missingMs, error?.code], ['lost', 5000, 'input.unreachable']);
    assert.deepEqual(watch.reported({ state: 'live' }), { recoveredAfterMs: 5000 });
  });

  for (const [what, input, code] of [
    ['a crash of ffmpeg', URL, ErrorCodes.encoderCrashed],
    ['silence while a file is played', FILE, ErrorCodes.encoderSilent],
  ] as const) {
    it(`is not lost because of ${what}`, () => {
      const watch = new InputWatch(input);
      watch.reported({ state: 'live' });
      watch.runFailed(failure(code));
      assert.equal(watch.status().state, 'delivering');
    });
  }

  it("has the file's printable name, and whether it is looped", () => {
    const { name, loops } = new InputWatch(FILE).status();
    assert.equal(name.includes('\u202e'), false);
    assert.match(name, /^ta.*lk\.mp4$/);
    assert.equal(loops, true);
    assert.equal(new InputWatch({ ...FILE, loop: false }).status().loops, false);
  });
});
