import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastConfigSchema, type SourceConfig } from '../../../../src/config/schema.js';
import { alphaFrameBytes, type Frame, type FrameLayout } from '../../../../src/encoder/canvas/frame-pool.js';
import { explainFfmpegExit } from '../../../../src/encoder/ffmpeg-errors.js';
import { openSource } from '../../../../src/encoder/sources/open-source.js';
import { SocketPairs } from '../../../../src/encoder/sources/socket-pairs.js';
import type { Source } from '../../../../src/encoder/sources/source.js';
import type { BulkheadError } from '../../../../src/protocol/errors.js';
import { childrenOf } from '../../../support/children.js';
import { eventually } from '../../../support/wait.js';

const SIZE = { width: 160, height: 90 };
const FPS = 25;
const FORMAT = { sampleRate: 48_000, channels: 2 } as const;
/** Of white, of red, and of black, in BT.709 with the limited range. */
const [WHITE, RED, BLACK] = [235, 63, 16];

/** A red box on the left half, of which the browser shows what the script makes of it. */
function page(script = ''): string {
  const style = 'body{margin:0}#box{width:80px;height:90px;background:#f00}';
  return `<!doctype html><style>${style}</style><div id=box></div><script>${script}</script>`;
}

const PAGES: Readonly<Record<string, string>> = {
  '/plain': page(),
  '/moving': page(`let n = 0; setInterval(() => { box.style.background = n++ % 2 ? '#f00' : '#fff'; }, 40)`),
  '/alert': page(`alert('stop'); box.style.background = '#fff'`),
  '/busy': page(`setTimeout(() => { for (;;); }, 1500)`),
};

describe('a web page as a source', function () {
  this.timeout(90_000);
  let server: Server;
  let address: string;
  let pairs: SocketPairs;
  let source: Source | undefined;
  let problems: BulkheadError[];
  let inUse: number;
  let latest: Buffer | undefined;
  let layout: FrameLayout | undefined;

  before(async () => {
    pairs = new SocketPairs();
    server = createServer((request, response) => {
      const html = PAGES[request.url ?? ''];
      // A page that never comes.
      if (request.url === '/silent') return;
      response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(html);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    problems = [];
    inUse = 0;
    latest = undefined;
  });
  afterEach(async () => {
    source?.dispose();
    source = undefined;
    await eventually('the end of its processes', () =>
      childrenOf(process.pid).length === 0 ? true : undefined,
    );
    await eventually('the end of its profile', () =>
      readdirSync(tmpdir()).some((name) => name.startsWith('bulkhead-browser-')) ? undefined : true,
    );
    assert.equal(inUse, 0, 'every frame is given back');
  });
  after(async () => {
    pairs.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const pool = {
    acquire(of?: FrameLayout): Frame {
      layout = of;
      let owners = 1;
      inUse += 1;
      const frame: Frame = {
        bytes: Buffer.alloc(
          of?.hasAlpha === false ? (of.width * of.height * 3) / 2 : alphaFrameBytes(of ?? SIZE),
        ),
        retain() {
          owners += 1;
          return frame;
        },
        release() {
          owners -= 1;
          if (owners === 0) inUse -= 1;
        },
      };
      return frame;
    },
  };

  async function open(path: string, more: object = {}): Promise<Source> {
    const { sources } = BroadcastConfigSchema.parse({
      sources: [{ id: 'page', type: 'browser', url: path, ...SIZE, ...more }],
    });
    const input = sources[0] as SourceConfig;
    const events = {
      onLoss: (exit: Parameters<typeof explainFfmpegExit>[0]) =>
        void problems.push(explainFfmpegExit(exit, input, 'ffmpeg')),
      onSkip: () => {},
      onUnreadable: () => {},
      onDamage: () => {},
    };
    const site = {
      ffmpeg: { path: 'ffmpeg', ownProcessGroup: true, onLog: () => {} },
      ...{ pairs, pool, format: FORMAT },
      video: { ...SIZE, fps: FPS, fit: 'contained', keepsAlpha: true },
      contextOf: async () => ({ platform: process.platform, capabilities: undefined }),
    } as const;
    source = await openSource(input, site, events, { item: 0, positionMs: 0 });
    return source;
  }

  /** Takes slots until what is shown, or how the source is, is as expected. */
  async function until(what: string, condition: () => boolean): Promise<void> {
    await eventually(
      what,
      async () => {
        const { frame } = source?.take(FORMAT.sampleRate / FPS) ?? {};
        if (frame !== undefined) {
          latest = Buffer.from(frame.bytes);
          frame.release();
        }
        if (condition()) return true;
        await delay(15);
        return undefined;
      },
      45_000,
    );
  }

  /** Luma and alpha of the middle of the left half, or of the right one. */
  function pixel(half: 'left' | 'right'): readonly [number, number] {
    const at = 45 * SIZE.width + (half === 'left' ? 40 : 120);
    const alpha = (SIZE.width * SIZE.height * 3) / 2;
    return [latest?.[at] ?? -1, latest?.[alpha + at] ?? -1];
  }
  const isNear = (luma: number, wanted: number) => Math.abs(luma - wanted) <= 3;

  it('is shown with what it leaves transparent, and goes on although it does not change', async () => {
    await open(`${address}/plain`);
    await until('a frame', () => latest !== undefined && isNear(pixel('left')[0], RED));
    assert.deepEqual(layout, { ...SIZE, hasAlpha: true });
    assert.equal(pixel('left')[1], 255);
    assert.deepEqual(pixel('right'), [BLACK, 0]);
    const sinceMs = performance.now();
    await until('three seconds', () => performance.now() - sinceMs > 3000);
    await until('it to be live', () => source?.state === 'live');
    await until('its CPU time', () => (source?.cpuPercent ?? 0) > 0);
    assert.deepEqual(problems, []);
  });

  it('is shown as it changes, with styles of its own', async () => {
    await open(`${address}/moving`, { css: 'body { background: #fff }' });
    await until('red', () => isNear(pixel('left')[0], RED));
    await until('white', () => isNear(pixel('left')[0], WHITE));
    await until('red again', () => isNear(pixel('left')[0], RED));
    const [luma, alpha] = pixel('right');
    assert.ok(isNear(luma, WHITE) && alpha === 255, `${luma}, ${alpha}`);
  });

  it('is not stopped by a dialog', async () => {
    await open(`${address}/alert`);
    await until('white', () => isNear(pixel('left')[0], WHITE));
  });

  it('comes back when its browser is killed', async () => {
    await open(`${address}/plain`);
    await until('a frame', () => isNear(pixel('left')[0], RED));
    const { pid = 0 } = source ?? {};
    process.kill(pid, 'SIGKILL');
    await until('the loss', () => problems.length > 0);
    assert.equal(problems[0]?.code, 'input.unreachable');
    assert.match(problems[0]?.message ?? '', /is not shown any more: the browser ended with SIGKILL\.$/);
    assert.equal(source?.state === 'retrying' || source?.state === 'live', true);
    latest = undefined;
    await until('another browser', () => isNear(pixel('left')[0], RED) && source?.pid !== pid);
    await until('it to be live', () => source?.state === 'live');
  });

  it('is given up when its scripts keep it from answering, and opened again', async () => {
    await open(`${address}/busy`);
    await until('a frame', () => isNear(pixel('left')[0], RED));
    await until('the loss', () => problems.length > 0);
    assert.match(problems[0]?.message ?? '', /does not respond: Runtime\.evaluate: no answer in 10 s\.$/);
  });

  for (const [what, path, message] of [
    ['nothing listens', 'http://127.0.0.1:1/?token=secret', /\?\*\*\* cannot be loaded: net::ERR_/],
    ['it is not there', '/nosuch', /\/nosuch cannot be loaded: its server refuses it with 404\.$/],
    ['it never loads', '/silent', /cannot be shown: Page\.navigate: no answer in 20 s\.$/],
  ] as const) {
    it(`is a problem where ${what}`, async () => {
      await open(path.startsWith('/') ? `${address}${path}` : path);
      await until('the problem', () => problems.length > 0);
      assert.equal(problems[0]?.code, 'input.unreachable');
      assert.match(problems[0]?.message ?? '', message);
      assert.doesNotMatch(`${problems[0]?.message} ${problems[0]?.where}`, /secret/);
      assert.notEqual(source?.state, 'live');
      assert.equal(latest, undefined);
    });
  }

  it('needs a browser', async () => {
    await open(`${address}/plain`, { browser: '/nosuch/browser' });
    await until('the problem', () => problems.length > 0);
    assert.equal(problems[0]?.code, 'input.unreachable');
    assert.match(problems[0]?.message ?? '', /browser/);
  });
});
