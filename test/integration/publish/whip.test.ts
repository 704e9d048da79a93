import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead } from '../../support/bulkhead.js';
import { descendantsOf } from '../../support/children.js';
import { AAC, H264, writeMarkedClip } from '../../support/marked-clip.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';
import { WhipReceiver } from '../../support/whip-receiver.js';

const KEY = 'KEY-3e91';
const ENV = { WHIP_KEY: KEY };
const FLASH_S = 2;

describe('an output by WHIP', function () {
  this.timeout(240_000);
  let folder: TempDir;
  let receiver: WhipReceiver;
  let run: Bulkhead | undefined;

  before(async () => {
    folder = tempDir('whip');
    receiver = await WhipReceiver.start(KEY);
  });

  beforeEach(() => {
    receiver.requests.length = 0;
    receiver.misbehave = () => false;
  });

  afterEach(async () => {
    await run?.end();
    run = undefined;
  });

  after(async () => {
    await receiver?.stop();
    folder.dispose();
  });

  const output = (more: object = {}) => ({
    ...{ id: 'room', type: 'whip' as const, url: receiver.url, key: 'env:WHIP_KEY' },
    ...more,
  });

  it('is played by a browser: every frame, sound with its frame, and no key is shown', async () => {
    const clip = join(folder.path, 'clip.mkv');
    const { width, height, fps } = SMALL_VIDEO;
    await writeMarkedClip(clip, {
      ...{ width, height, rate: String(fps), flashPeriodS: FLASH_S },
      video: { frames: 120 * fps, encode: H264 },
      // Another rate than that of Opus.
      sound: { seconds: 120, sampleRate: 44_100, layout: 'stereo', encode: AAC },
    });
    const file = writeConfig(folder.path, { input: { type: 'file', path: clip }, outputs: [output()] });
    run = new Bulkhead(['live', file, '--log-level', 'trace'], { env: ENV });
    const status = await run.until('it is live', ({ outputs }) => outputs[0]?.state === 'live');
    assert.equal(status.outputs[0]?.url, `http://${receiver.host}/***`);
    const commands = descendantsOf(status.core.pid).map(({ command }) => command);

    const figures = await eventually('it plays', async () => {
      const found = await receiver.figures();
      return found.framesDecoded > 12 * fps ? found : undefined;
    });
    assert.equal(figures.packetsLost, 0);
    assert.equal(figures.frameWidth, width);
    assert.match(figures.codec, /^video\/H264 /);
    assert.ok(figures.concealed < figures.samples / 10, `${figures.concealed} samples were made up`);
    const offsets = await eventually('flashes and beeps', async () => {
      const found = await syncOffsets();
      return found.length >= 5 ? found : undefined;
    });
    // A browser brings both together within some seconds.
    const last = offsets.at(-1) ?? Number.NaN;
    assert.ok(Math.abs(last) < 200, `a beep comes ${offsets.join(', ')} ms after its flash`);
    const numbers = await receiver.shownNumbers();
    assert.ok(numbers.length > 5 * fps, `${numbers.length} frames with their number`);
    assert.ok(
      numbers.every((number, i) => i === 0 || number >= (numbers[i - 1] ?? 0)),
      numbers.join(),
    );

    const { outputs, core } = await run.status();
    assert.ok((outputs[0]?.ackDelayMs ?? Number.NaN) < 1000, 'the round trip is known');
    const log = readFileSync(core.logFile ?? '', 'utf8');
    assert.equal(await run.stop(), 0, run.stderr);
    // On a busy computer an attempt may be given up; none is left behind.
    const methods = receiver.requests.map(({ method }) => method);
    assert.equal(methods.at(-1), 'DELETE', methods.join());
    assert.ok(
      methods.every((method, i) => method === (i % 2 === 0 ? 'POST' : 'DELETE')),
      methods.join(),
    );
    const shown = { commands: commands.join('\n'), status: JSON.stringify(outputs), log };
    for (const [where, text] of Object.entries({ ...shown, printed: run.stdout + run.stderr })) {
      assert.ok(!text.includes(KEY), `the key is in ${where}`);
    }
  });

  it('is connected to anew when the other side has gone, or its ffmpeg or the relay is killed', async () => {
    // With the oldest ffmpeg, too.
    const ffmpeg = join(process.cwd(), 'node_modules/@ffmpeg-installer/linux-x64/ffmpeg');
    run = new Bulkhead(['live', writeConfig(folder.path, { ffmpeg, outputs: [output()] })], { env: ENV });
    const session = (count: number) =>
      run?.until(
        `session ${count}`,
        ({ outputs: [room] }) => room?.state === 'live' && room.sessions >= count,
      );
    const plays = async () => {
      const { framesDecoded } = await receiver.figures();
      await eventually('it plays', async () =>
        (await receiver.figures()).framesDecoded > framesDecoded + SMALL_VIDEO.fps ? true : undefined,
      );
    };
    const status = await session(1);
    await plays();
    await receiver.evaluate('window.peer.close()');
    await session(2);
    await plays();
    const relay = () =>
      descendantsOf(status?.core.pid ?? 0).find(({ command }) => command.includes('relay.cjs'));
    const opus = descendantsOf(relay()?.pid ?? 0).find(({ command }) => command.includes('libopus'));
    process.kill(opus?.pid ?? 0, 'SIGKILL');
    await session(3);
    await plays();
    process.kill(relay()?.pid ?? 0, 'SIGKILL');
    await session(4);
    await plays();
    assert.equal((await run.status()).encoder.epoch, 1);
    assert.equal(await run.stop(), 0, run.stderr);
  });

  it('by a server that refuses it, answers with nonsense or not at all is explained, and another one goes on', async () => {
    const answers: Record<string, (response: import('node:http').ServerResponse) => void> = {
      '/refuses': (response) => response.writeHead(403).end(),
      '/nonsense': (response) => response.writeHead(201).end('v=0\r\nm=video 9 X 96\r\nm=audio 9 X 111\r\n'),
      '/busy': (response) => response.writeHead(409).end(),
      '/silent': () => {},
    };
    receiver.misbehave = ({ path }, response) => {
      answers[path]?.(response);
      return path in answers;
    };
    const outputs = Object.keys(answers).map((path) =>
      output({ id: path.slice(1), url: `http://${receiver.host}${path}` }),
    );
    run = new Bulkhead(['live', writeConfig(folder.path, { outputs: [...outputs, output()] })], { env: ENV });
    const status = await run.until('each has its error', ({ outputs: all }) =>
      all.every(({ id, error, state }) => (id === 'room' ? state === 'live' : error !== undefined)),
    );
    const errors = Object.fromEntries(
      status.outputs.map(({ id, state, error }) => [
        id,
        `${state} ${error?.code} ${error?.message.replaceAll(/\d{4,}/g, 'N')}`,
      ]),
    );
    assert.equal(errors['refuses'], 'failed output.authFailed 127.0.0.1:N has refused the key: HTTP 403');
    assert.equal(
      errors['nonsense'],
      'failed output.refused 127.0.0.1:N has answered with no valid session description',
    );
    assert.equal(
      errors['busy'],
      'connecting output.keyInUse 127.0.0.1:N says that somebody publishes there already: HTTP 409',
    );
    assert.equal(errors['silent'], 'connecting output.unreachable 127.0.0.1:N has not answered for 10 s');
    assert.equal(await run.stop(), 0, run.stderr);
  });

  it('has no B-frames: the settings say so, or the output has an encode of its own', async () => {
    const video = { ...SMALL_VIDEO, preset: 'veryfast', tune: 'none' as const, bFrames: 2 };
    const refused = new Bulkhead(['live', writeConfig(folder.path, { video, outputs: [output()] })], {
      env: ENV,
    });
    assert.notEqual(await refused.exit(), 0);
    assert.match(
      refused.stderr,
      /outputs\[0\]\.video: players of WebRTC show no B-frames: set "bFrames" to 0/,
    );
    await refused.end();

    run = new Bulkhead(
      ['live', writeConfig(folder.path, { video, outputs: [output({ video: { bFrames: 0 } })] })],
      { env: ENV },
    );
    await run.until('it is live', ({ outputs }) => outputs[0]?.state === 'live');
    await eventually('it plays', async () =>
      (await receiver.figures()).framesDecoded > 3 * SMALL_VIDEO.fps ? true : undefined,
    );
    assert.equal((await run.status()).outputs[0]?.sessions, 1);
    assert.equal(await run.stop(), 0, run.stderr);
  });

  /** How much later a beep is heard than its flash is seen, ms. */
  async function syncOffsets(): Promise<number[]> {
    const { shown, beeps } = await receiver.evaluate<{
      shown: { middle: number[]; atMs: number }[];
      beeps: number[];
    }>('({ shown: window.shown, beeps: window.beeps })');
    const isFlash = (middle: readonly number[]) => middle.every((part) => part > 225);
    const flashes = shown.filter(({ middle }, i) => isFlash(middle) && !isFlash(shown[i - 1]?.middle ?? []));
    return flashes.flatMap(({ atMs }) => {
      const near = beeps.map((beep) => beep - atMs).filter((ms) => Math.abs(ms) < (FLASH_S * 1000) / 2);
      return near.length === 0 ? [] : [Math.round(near[0] ?? 0)];
    });
  }
});
