import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import type { SourceFrame } from '@bulkhead/extension-api';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { PluginFrameReader, pluginFrameBytes } from '../../../src/protocol/plugin-frames.js';
import { PluginOffersFrameRequest } from '../../../src/protocol/plugin-sources.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { eventually } from '../../support/wait.js';
import { HostPair } from './host-pair.js';

const SIZE = { width: 2, height: 2 };

describe('the frames of a plugin', () => {
  let pair: HostPair;
  let core: Duplex;
  let channel: Duplex;
  /** Sources of which frames were offered, and the frames that came. */
  let offered: string[];
  let seen: string[];
  let isWanted: boolean;

  beforeEach(() => {
    const [near, far] = createInMemoryPair();
    [core, channel] = [near, far];
    pair = new HostPair(far);
    [offered, seen, isWanted] = [[], [], true];
    pair.core.onRequest(PluginOffersFrameRequest.type, ({ plugin, id }) => {
      offered.push(`${plugin} ${id}`);
      if (id === 'unknown')
        throw new BulkheadError(ErrorCodes.sourceNotFound, 'there is no source "unknown"');
      return { isWanted };
    });
    pair.listen();
    read();
  });
  afterEach(() => {
    pair.dispose();
    core.destroy();
  });

  const read = () => {
    const reader = new PluginFrameReader({
      begin: (head) => Buffer.alloc(pluginFrameBytes(head)),
      end: ({ plugin, source, width, height }, pixels) => {
        assert.ok(pixels.every((value) => value === pixels[0]));
        seen.push(`${plugin} ${source} ${width}x${height} ${pixels[0]}`);
      },
      presence: () => assert.fail(),
    });
    core.on('data', (chunk: Buffer) => reader.push(chunk));
  };
  const plugin = () => pair.plugin('mine');
  const frame = (shade: number, { width, height } = SIZE) => ({
    ...{ width, height },
    rgba: new Uint8Array(width * height * 4).fill(shade),
  });
  const arrived = (count: number) =>
    eventually(`${count} frames`, () => (seen.length >= count ? true : undefined));

  it('are offered, and sent one after the other', async () => {
    const { sources } = plugin().api;
    await sources.sendFrame('a', frame(1));
    await sources.sendFrame('b', frame(2, { width: 640, height: 480 }));
    await arrived(2);
    assert.deepEqual(seen, ['mine a 2x2 1', 'mine b 640x480 2']);
    assert.deepEqual(offered, ['mine a', 'mine b']);
  });

  it('may be changed by the plugin as soon as they are handed over', async () => {
    const { sources } = plugin().api;
    const { rgba } = frame(1);
    const sent = sources.sendFrame('a', { ...SIZE, rgba });
    rgba.fill(9);
    await sent;
    const part = new Uint8ClampedArray(64).fill(8).fill(2, 16, 32).subarray(16, 32);
    await sources.sendFrame('a', { ...SIZE, rgba: part });
    await arrived(2);
    assert.deepEqual(seen, ['mine a 2x2 1', 'mine a 2x2 2']);
  });

  it('that wait for others give way to a newer one of their source', async () => {
    const { sources } = plugin().api;
    const sent = [1, 2, 3].map((shade) => sources.sendFrame('a', frame(shade)));
    sent.push(sources.sendFrame('b', frame(4)));
    sent.push(sources.sendFrame('a', frame(5)));
    await Promise.all(sent);
    await arrived(2);
    assert.deepEqual(seen, ['mine a 2x2 5', 'mine b 2x2 4']);
  });

  it('wait until the core reads', async () => {
    const { sources } = plugin().api;
    core.pause();
    let isSent = false;
    const sent = sources.sendFrame('a', frame(1, { width: 640, height: 480 })).then(() => {
      isSent = true;
    });
    await eventually('the offer', () => offered[0]);
    const next = sources.sendFrame('a', frame(2));
    const last = sources.sendFrame('a', frame(3));
    for (let turns = 0; turns < 20; turns += 1) await pair.settled();
    assert.deepEqual([isSent, seen], [false, []]);
    core.resume();
    await Promise.all([sent, next, last]);
    await arrived(2);
    assert.deepEqual(seen, ['mine a 640x480 1', 'mine a 2x2 3']);
  });

  it('are not sent while nobody would see them', async () => {
    isWanted = false;
    await plugin().api.sources.sendFrame('a', frame(1));
    assert.deepEqual([offered, seen], [['mine a'], []]);
  });

  it('are refused by the core for a source that is not there, and go on then', async () => {
    const { sources } = plugin().api;
    await assert.rejects(sources.sendFrame('unknown', frame(1)), { code: 'source.notFound' });
    await sources.sendFrame('a', frame(2));
    await arrived(1);
  });

  const wrong: readonly [what: string, frame: unknown, message: RegExp][] = [
    ['an odd width', { width: 3, height: 2, rgba: new Uint8Array(24) }, /3 × 2 pixels: expected even/],
    ['a large one', { width: 1922, height: 2, rgba: new Uint8Array(15_376) }, /1922 × 2 pixels/],
    ['too few bytes', { ...SIZE, rgba: new Uint8Array(15) }, /with 15 bytes: expected 16/],
    ['other numbers', { ...SIZE, rgba: [1, 2, 3] }, /with 0 bytes/],
    ['words', { width: '2', height: 2, rgba: new Uint8Array(16) }, /2 × 2 pixels: expected even/],
    ['nothing', undefined, /0 × 0 pixels/],
  ];
  for (const [what, value, message] of wrong)
    it(`have to be as large as they say: ${what}`, async () => {
      const sent = plugin().api.sources.sendFrame('a', value as SourceFrame);
      await assert.rejects(sent, { code: 'config.invalid', message, where: 'sources.a' });
      assert.deepEqual(offered, []);
    });

  it('fail when the channel is closed', async () => {
    const { sources } = plugin().api;
    channel.destroy();
    await assert.rejects(sources.sendFrame('a', frame(1)), { code: 'rpc.closed' });
  });

  it('need an active plugin', async () => {
    const { api, scope } = plugin();
    scope.dispose();
    await assert.rejects(api.sources.sendFrame('a', frame(1)), /no longer active/);
    assert.deepEqual(offered, []);
  });
});
