import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { type Frame, type FrameLayout, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import type { PluginSource } from '../../../../src/encoder/sources/plugin-source.js';
import { ReceivedFrames } from '../../../../src/encoder/sources/received-frames.js';
import {
  type PluginFrameHead,
  type PluginPresence,
  pluginFrameBytes,
  writePluginFrameHead,
  writePluginPresence,
} from '../../../../src/protocol/plugin-frames.js';

const METERS = { plugin: 'acme.meters', source: 'meters', width: 4, height: 2 };
const FRAMES = 2;

describe('a source whose frames a plugin makes', () => {
  let connection: PassThrough;
  let received: ReceivedFrames;
  let pool: FramePool;
  let layouts: (FrameLayout | undefined)[];
  let noted: string[];
  let source: PluginSource;

  beforeEach(() => {
    connection = new PassThrough();
    received = new ReceivedFrames(connection);
    pool = new FramePool(8, FRAMES);
    [layouts, noted] = [[], []];
    source = open('meters');
  });
  afterEach(() => {
    source.dispose();
    connection.destroy();
    assert.equal(pool.inUse, 0);
  });

  const open = (id: string) =>
    received.open(id, {
      pool: {
        acquire: (layout) => {
          layouts.push(layout);
          return pool.acquire();
        },
      },
      convert: (pixels, { width, height }, frame) => {
        assert.equal(pixels.length, width * height * 4);
        frame.bytes.fill(pixels[0] ?? 0);
      },
      onPresence: (presence) => noted.push(presence),
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const send = async (shade: number, head: Partial<PluginFrameHead> = {}) => {
    const whole = { ...METERS, ...head };
    connection.write(writePluginFrameHead(whole));
    connection.write(Buffer.alloc(pluginFrameBytes(whole), shade));
    await turn();
  };
  const note = async (presence: PluginPresence) => {
    connection.write(writePluginPresence(METERS, presence));
    await turn();
  };
  /** What it has for a slot: the shade, if there is a frame. */
  const take = (): number | undefined => {
    const { frame } = source.take();
    frame?.release();
    return frame?.bytes[0];
  };
  const status = () => [source.state, source.isReady];

  it('shows the newest frame of a slot, once', async () => {
    assert.deepEqual([status(), take()], [['starting', false], undefined]);
    await send(1);
    assert.deepEqual(status(), ['live', true]);
    await send(2);
    assert.deepEqual([take(), take()], [2, undefined]);
    assert.deepEqual(layouts, [{ width: 4, height: 2, hasAlpha: true }]);
    await send(3, { width: 2 });
    assert.deepEqual([take(), layouts.at(-1)?.width], [3, 2]);
    assert.deepEqual(status(), ['live', true], 'a plugin that draws rarely is no less live');
  });

  it('waits for a frame of its pool', async () => {
    const held = Array.from({ length: FRAMES }, () => pool.acquire() as Frame);
    await send(1);
    assert.deepEqual([take(), status()], [undefined, ['live', true]]);
    await send(2);
    for (const frame of held) frame.release();
    assert.equal(take(), 2);
  });

  it('is retried while its plugin does not run, and stalled until that draws again', async () => {
    await send(1);
    await note('gone');
    assert.deepEqual([status(), take()], [['retrying', true], 1]);
    await note('awaited');
    assert.deepEqual(
      [status(), noted],
      [
        ['stalled', true],
        ['gone', 'awaited'],
      ],
    );
    await send(2);
    assert.deepEqual([status(), take()], [['live', true], 2]);
  });

  it('is retried from the beginning where the plugin does not run', async () => {
    await note('gone');
    assert.deepEqual([status(), noted], [['retrying', false], ['gone']]);
    await note('awaited');
    assert.deepEqual(status(), ['starting', false]);
  });

  it('takes no frame of another source, and none once it is closed or opened anew', async () => {
    await send(1, { source: 'other' });
    assert.deepEqual([status(), take()], [['starting', false], undefined]);
    const before = source;
    source = open('meters');
    before.dispose();
    await send(2);
    assert.deepEqual([take(), before.state], [2, 'starting']);
    source.dispose();
    await send(3);
    assert.equal(take(), undefined);
  });

  it('ends the connection with what is no frame', async () => {
    connection.write(Buffer.alloc(100));
    await turn();
    assert.equal(connection.destroyed, true);
  });
});
