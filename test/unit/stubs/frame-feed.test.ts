import assert from 'node:assert/strict';
import { FrameFeed } from '../../../src/core/stubs/frame-feed.js';
import { SharedPixels } from '../../../src/core/stubs/shared-pixels.js';
import {
  type PluginFrameHead,
  PluginFrameReader,
  pluginFrameBytes,
} from '../../../src/protocol/plugin-frames.js';

const SIZE = { width: 2, height: 2 };

describe('frames of plugins on their way to the encoder', () => {
  let feed: FrameFeed;
  /** What the encoder has got: source and first byte, or whether there is a plugin for it. */
  let got: string[];
  /** Has what was sent last be written. */
  let written: (() => void)[];
  /** Frames whose memory nobody uses any more. */
  let freed: number[];

  beforeEach(() => {
    [got, written, freed] = [[], [], []];
    const reader = new PluginFrameReader({
      begin: (head) => Buffer.alloc(pluginFrameBytes(head)),
      end: ({ source }, pixels) => void got.push(`${source} ${pixels[0]}`),
      presence: ({ source }, presence) => void got.push(`${source} ${presence}`),
    });
    feed = new FrameFeed({
      send: (parts) => {
        for (const part of parts) reader.push(part);
        return new Promise((resolve) => written.push(resolve));
      },
    });
  });

  const pixels = (shade: number) => new SharedPixels(Buffer.alloc(16, shade), () => freed.push(shade));
  const head = (source: string): PluginFrameHead => ({ plugin: 'acme.meters', source, ...SIZE });
  /** As the core does: it keeps none of them. */
  const send = (source: string, shade: number) => {
    const shared = pixels(shade);
    feed.sendFrame(head(source), shared);
    shared.release();
  };
  const drain = async () => {
    written.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('go one after the other, of each source the newest', async () => {
    send('a', 1);
    send('a', 2);
    send('b', 3);
    send('a', 4);
    assert.deepEqual([got, freed], [['a 1'], [2]]);
    await drain();
    assert.deepEqual(
      [got, freed],
      [
        ['a 1', 'a 4'],
        [2, 1],
      ],
    );
    await drain();
    await drain();
    assert.deepEqual(got, ['a 1', 'a 4', 'b 3']);
    assert.deepEqual(freed, [2, 1, 4, 3]);
    send('b', 5);
    assert.deepEqual(got.at(-1), 'b 5');
  });

  it('are sent before it is said that their plugin does not run, and what comes then says otherwise', async () => {
    send('a', 1);
    send('a', 2);
    feed.sendPresence(head('a'), 'gone');
    feed.sendPresence(head('b'), 'gone');
    feed.sendPresence(head('b'), 'awaited');
    await drain();
    assert.deepEqual(got, ['a 1', 'a 2', 'a gone']);
    send('b', 3);
    await drain();
    assert.deepEqual(got.slice(3), ['b 3']);
    await drain();
    await drain();
    feed.sendPresence(head('b'), 'gone');
    assert.deepEqual(got.slice(4), ['b gone']);
    assert.deepEqual(freed, [1, 2, 3]);
  });

  it('are let go when the run is over, and no more are sent', async () => {
    send('a', 1);
    send('b', 2);
    feed.dispose();
    send('c', 3);
    feed.sendPresence(head('c'), 'gone');
    await drain();
    assert.deepEqual([got, freed], [['a 1'], [2, 3, 1]]);
  });
});
