import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import sinon from 'sinon';
import { FrameIntake } from '../../../src/core/main-thread/frame-intake.js';
import {
  type PluginFrameHead,
  pluginFrameBytes,
  writePluginFrameHead,
  writePluginPresence,
} from '../../../src/protocol/plugin-frames.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

const HEAD = { plugin: 'acme.meters', source: 'meters', width: 2, height: 2 };
const LARGE = { ...HEAD, width: 1000, height: 1000 };
const CHUNK = 64 * 1024;

describe('what a host sends of frames', () => {
  let clock: sinon.SinonFakeTimers;
  let stream: Readable;
  let intake: FrameIntake;
  let frames: PluginFrameHead[];
  let misuses: string[];
  const plugins = [
    installedPlugin('acme.meters', { granted: ['sources'] }),
    installedPlugin('acme.other', { granted: [] }),
  ];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    [frames, misuses] = [[], []];
    stream = new Readable({ read() {} });
    intake = new FrameIntake(stream, {
      plugins,
      frames: {
        begin: (head) => Buffer.alloc(pluginFrameBytes(head)),
        end: (head) => void frames.push(head),
      },
      onMisuse: (what) => misuses.push(what),
    });
  });
  afterEach(() => {
    intake.dispose();
    clock.restore();
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const send = (head: PluginFrameHead) => {
    const all = Buffer.concat([writePluginFrameHead(head), Buffer.alloc(pluginFrameBytes(head))]);
    for (let at = 0; at < all.length; at += CHUNK) stream.push(all.subarray(at, at + CHUNK));
  };
  /** Lets everything be read that may be. */
  const settle = async () => {
    for (let turns = 0; turns < 5; turns += 1) await turn();
  };

  it('is read at once for a second, and then at 8 MB/s', async () => {
    for (let count = 0; count < 20; count += 1) send(LARGE);
    await settle();
    assert.equal(frames.length, 2, '4 MB each');
    assert.equal(stream.isPaused(), true);
    for (let seconds = 0; seconds < 4; seconds += 0.01) {
      clock.tick(10);
      await settle();
    }
    assert.equal(frames.length, 2 + 8);
    clock.tick(10_000);
    await settle();
    assert.equal(frames.length, 12, 'no more than a second was saved');
  });

  it('counts as 32 KiB at least for each frame', async () => {
    for (let count = 0; count < 1000; count += 1) send(HEAD);
    await settle();
    clock.tick(1000);
    await settle();
    assert.ok(frames.length > 240 && frames.length < 2 * 260, `${frames.length} frames`);
  });

  it('is passed over without the permission, which may have been revoked', async () => {
    send({ ...HEAD, plugin: 'acme.other' });
    send(HEAD);
    await settle();
    assert.deepEqual([frames, misuses], [[HEAD], []]);
  });

  const wrong: readonly [what: string, send: () => void, reason: RegExp][] = [
    ['bytes that are no frame', () => stream.push(Buffer.alloc(100)), /not a frame/],
    [
      'a frame of another plugin',
      () => send({ ...HEAD, plugin: 'acme.third' }),
      /"acme.third", which does not run/,
    ],
    ['what the core alone says', () => stream.push(writePluginPresence(HEAD, 'gone')), /not a frame/],
  ];
  for (const [what, sendIt, reason] of wrong)
    it(`ends with ${what}`, async () => {
      send(HEAD);
      sendIt();
      send(HEAD);
      await settle();
      assert.deepEqual([frames.length, misuses.length, stream.destroyed], [1, 1, true]);
      assert.match(misuses[0] ?? '', reason);
    });

  it('is not read on after its end, however long was to be waited', async () => {
    for (let count = 0; count < 4; count += 1) send(LARGE);
    await settle();
    intake.dispose();
    clock.tick(10_000);
    await settle();
    assert.deepEqual([frames.length, stream.destroyed, misuses], [2, true, []]);
  });
});
