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
  });
  afterEach(() => clock.restore());

  const failure = (code: ErrorCode) => new BulkheadError(code, 'why');

  it('waits for the first frame, shows no secret, and reports nothing for a normal start', () => {
    const watch = new InputWatch(URL);
    clock.tick(600);
    assert.deepEqual(watch.status(), {
      name: 'rtmp://***@host/app/***',
      state: 'waiting',
      missingMs: 600,
      loops: false,
    });
    assert.equal(watch.delivered(), undefined);
    assert.deepEqual([watch.status().state, watch.status().missingMs], ['delivering', 0]);
  });

  it('has the reason while waiting, and reports how long it took', () => {
    const watch = new InputWatch(URL);
    clock.tick(3000);
    watch.runFailed(failure(ErrorCodes.inputUnreachable));
    clock.tick(2000);
    assert.equal(watch.status().state, 'waiting');
    assert.equal(watch.status().error?.code, 'input.unreachable');
    assert.equal(watch.delivered(), 5000);
    assert.equal(watch.status().error, undefined);
  });

  it('is lost from the first failure until a frame arrives', () => {
    const watch = new InputWatch(URL);
    watch.delivered();
    clock.tick(10_000);
    watch.runFailed(failure(ErrorCodes.encoderSilent));
    clock.tick(4000);
    watch.runFailed(failure(ErrorCodes.inputUnreachable));
    clock.tick(1000);
    const { state, missingMs, error } = watch.status();
    assert.deepEqual([state, missingMs, error?.code], ['lost', 5000, 'input.unreachable']);
    assert.equal(watch.delivered(), 5000);
    assert.equal(watch.delivered(), undefined);
  });

  for (const [what, input, code] of [
    ['a crash of ffmpeg', URL, ErrorCodes.encoderCrashed],
    ['silence while a file is played', FILE, ErrorCodes.encoderSilent],
  ] as const) {
    it(`is not lost because of ${what}`, () => {
      const watch = new InputWatch(input);
      watch.delivered();
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

  describe('of the studio', () => {
    const gone = failure(ErrorCodes.inputUnreachable).toData();

    it('waits without an error for a source that starts, and delivers once that is live', () => {
      const watch = new InputWatch(URL);
      assert.equal(watch.reported({ state: 'starting' }), undefined);
      clock.tick(600);
      assert.deepEqual([watch.status().state, watch.status().missingMs], ['waiting', 600]);
      assert.equal(watch.reported({ state: 'live' }), undefined, 'a normal start');
      assert.equal(watch.status().state, 'delivering');
    });

    it('has the reason of a source that cannot be opened, until it is live', () => {
      const watch = new InputWatch(URL);
      clock.tick(1000);
      watch.reported({ state: 'retrying', error: gone });
      assert.deepEqual([watch.status().state, watch.status().error?.code], ['waiting', 'input.unreachable']);
      clock.tick(1000);
      assert.equal(watch.reported({ state: 'live' }), 2000);
      assert.equal(watch.status().error, undefined);
    });

    it('is lost from the first report until the source is back, and keeps the reason in between', () => {
      const watch = new InputWatch(URL);
      watch.reported({ state: 'live' });
      watch.reported({ state: 'stalled' });
      clock.tick(1000);
      watch.reported({ state: 'retrying', error: gone });
      clock.tick(1000);
      watch.reported({ state: 'retrying' });
      const { state, missingMs, error } = watch.status();
      assert.deepEqual([state, missingMs, error?.code], ['lost', 2000, 'input.unreachable']);
      assert.equal(watch.reported({ state: 'live' }), 2000);
      assert.equal(watch.reported({ state: 'live' }), undefined);
    });

    it('delivers while another encoder opens the source again, and after its end', () => {
      const watch = new InputWatch(FILE);
      watch.reported({ state: 'live' });
      watch.reported({ state: 'starting' });
      assert.equal(watch.status().state, 'delivering');
      watch.reported({ state: 'ended' });
      assert.equal(watch.status().state, 'delivering');
    });
  });
});
