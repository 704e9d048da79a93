import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Message } from 'vscode-jsonrpc/node';
import { flightLines } from '../../../src/cli/inspect/flight-text.js';
import { FLIGHT_MS, FlightEntries } from '../../../src/core/flight/flight-entries.js';
import { latestFlight, readFlight } from '../../../src/core/flight/flight-file.js';
import { FlightRecorder } from '../../../src/core/flight/flight-recorder.js';
import { outline } from '../../../src/core/flight/outline.js';
import type { EpochTag } from '../../../src/core/timeline/epoch.js';
import type { StreamTagKind } from '../../../src/media/stream-tag.js';
import { type TempDir, tempDir } from '../../support/temp.js';

const KEY = 'live_123456789_AbCdEfGhIjKl';

function packet(kind: StreamTagKind, rawMs: number, bytes = 10): EpochTag {
  return { kind, rawMs, compositionMs: 0, payload: Buffer.alloc(bytes, 7), readAtMs: performance.now() };
}

describe('the flight recorder', () => {
  let folder: TempDir;
  let flights: string;
  let recorder: FlightRecorder;
  let written: string[];
  let failed: string[];

  beforeEach(() => {
    folder = tempDir('flights');
    flights = join(folder.path, 'flights');
    [written, failed] = [[], []];
    recorder = new FlightRecorder({
      folder: flights,
      version: '1.2.3',
      onWritten: (path) => written.push(path),
      onFailed: ({ message }) => failed.push(message),
    });
  });

  afterEach(() => {
    recorder.dispose();
    folder.dispose();
  });

  const request = (id: number, method: string, params: unknown) =>
    ({ jsonrpc: '2.0', id, method, params }) as unknown as Message;

  async function crash(): Promise<string> {
    recorder.crashed('encoder', 'killed by SIGKILL');
    await recorder.settle(10_000);
    return written.at(-1) ?? assert.fail(`${failed}`);
  }

  it('writes what happened when something crashes, and reads it', async () => {
    recorder.note('log', { level: 'info', message: 'on air' });
    recorder.packet(1, packet('video-header', 0));
    recorder.packet(1, packet('keyframe', 40, 100_000));
    recorder.push({ kind: 'keyframe', timestampMs: 12, payload: Buffer.alloc(5), readAtMs: 0 });
    recorder.trace('the encoder', 'sent', request(1, 'encoder/start', { fps: 30, source: 'cam' }), 80);
    recorder.trace(
      'the encoder',
      'received',
      { jsonrpc: '2.0', id: 1, result: null } as unknown as Message,
      30,
    );
    const { header, entries, isCut } = await readFlight(await crash());
    assert.deepEqual(
      [header.reason, header.core.version, isCut],
      ['encoder: killed by SIGKILL', '1.2.3', false],
    );
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ['log', 'packet', 'packet', 'air', 'rpc', 'rpc', 'crash'],
    );
    const [, , keyframe, air, asked, answer] = entries;
    assert.deepEqual([keyframe?.['ms'], keyframe?.tag?.payload.length, air?.['ms']], [40, 100_000, 12]);
    assert.deepEqual(asked?.['params'], { fps: 30, source: 'cam' });
    assert.equal(typeof answer?.['ms'], 'number');
    assert.equal(await latestFlight(flights), written[0]);
    if (process.platform !== 'win32') assert.equal(statSync(written[0] ?? '').mode & 0o077, 0);
  });

  it('holds no key, wherever it is in a message', async () => {
    const secret = fc.constantFrom(KEY, `rtmp://a/${KEY}`, Buffer.from(KEY).toString('base64'));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        secret,
        fc.integer(),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 8 }), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (params) => {
        const text = JSON.stringify(outline({ params, key: params, secrets: { key: KEY } }));
        assert.doesNotMatch(text, /AbCdEfGhIjKl|QWJDZEVmR2hJaktM/);
      }),
    );
    recorder.trace(
      'a client',
      'received',
      request(1, 'output/add', { secrets: { key: KEY }, id: 'kick' }),
      99,
    );
    assert.ok(!readFileSync(await crash()).includes(KEY));
  });

  it('bounds what it takes of a message', () => {
    assert.deepEqual(outline(Array(50).fill(1)), [...Array(20).fill(1), '…(50)']);
    const deep = JSON.stringify(outline({ a: { b: { c: { d: { e: 1 } } } } }));
    assert.equal(deep, '{"a":{"b":{"c":{"d":"…"}}}}');
    assert.ok(JSON.stringify(outline(Array(20).fill(Array(20).fill(Array(20).fill(1))))).length < 1000);
  });

  it('writes several crashes in a row as one record, and few records', async () => {
    for (let round = 0; round < 6; round++) {
      for (let again = 0; again < 3; again++) recorder.crashed('plugin', `crash ${round}.${again}`);
      await recorder.settle(10_000);
    }
    assert.equal(written.length, 3);
    assert.deepEqual(readdirSync(flights).length, 3);
    const { entries } = await readFlight(written[0] ?? '');
    assert.equal(entries.length, 3);
  });

  it('removes the oldest records', async () => {
    await crash();
    for (let day = 10; day < 30; day++) writeFileSync(join(flights, `flight-2020-01-${day}.flight`), '');
    await crash();
    const left = readdirSync(flights);
    assert.equal(left.length, 10);
    assert.ok(written.every((path) => existsSync(path)));
  });

  it('says that it could not write, and goes on', async () => {
    writeFileSync(flights, 'a file');
    recorder.crashed('encoder', 'killed');
    await recorder.settle(10_000);
    assert.equal(failed.length, 1);
  });

  it('reads a record whose end is missing, and nothing else', async () => {
    recorder.packet(1, packet('keyframe', 0, 5000));
    recorder.note('log', { message: 'the last' });
    const path = await crash();
    truncateSync(path, statSync(path).size - 20);
    const { entries, isCut } = await readFlight(path);
    assert.deepEqual([entries.map(({ kind }) => kind), isCut], [['packet', 'log'], true]);
    for (const [name, contents, wanted] of [
      ['empty', '', /is no flight record/],
      ['text', '{"bulkhead":"flight"}'.repeat(10), /cannot be read|is no flight record/],
    ] as const) {
      const other = join(folder.path, name);
      writeFileSync(other, contents);
      await assert.rejects(readFlight(other), { code: 'config.invalid', message: wanted });
    }
    await assert.rejects(readFlight(join(folder.path, 'none')), {
      code: 'config.invalid',
      message: /no such file/,
    });
    await assert.rejects(readFlight(folder.path), { code: 'config.invalid' });
  });

  it('reads as text', async () => {
    for (let ms = 0; ms < 3000; ms += 40)
      recorder.packet(1, packet(ms % 1000 === 0 ? 'keyframe' : 'interframe', ms));
    recorder.trace('the encoder', 'sent', request(3, 'encoder/start', { fps: 30 }), 80);
    const flight = await readFlight(await crash());
    const text = flightLines(flight, false).join('\n');
    assert.match(text, /^encoder: killed by SIGKILL/);
    assert.match(text, /packets {2}epoch 1: 75 frames, 3 of them keyframes/);
    assert.match(text, /→ the encoder: encoder\/start 3 \{"fps":30\}, 80 bytes/);
    assert.ok(flightLines(flight, true).length > 75);
  });
});

describe('the entries of a flight record', () => {
  it('go back a minute, and hold no more media than is allowed; the headers of its packets stay', () => {
    const entries = new FlightEntries();
    const add = (atMs: number, kind: StreamTagKind, bytes: number, epoch = 1) =>
      entries.add(
        { atMs, kind: 'packet', epoch },
        { kind, timestampMs: atMs, payload: Buffer.allocUnsafe(bytes), readAtMs: 0 },
      );
    add(0, 'video-header', 40, 0);
    add(0, 'video-header', 40);
    for (let ms = 0; ms <= 90_000; ms += 100) {
      add(ms, ms % 2000 === 0 ? 'keyframe' : 'interframe', 100_000);
      assert.ok(entries.bytes <= 16 * 1024 * 1024);
    }
    const list = entries.list();
    assert.equal(list[0]?.tag?.kind, 'video-header');
    assert.equal(list[0]?.entry['epoch'], 1);
    assert.ok((list[1]?.entry.atMs ?? 0) >= 90_000 - FLIGHT_MS);
    const media = list.filter(({ tag }) => tag?.kind !== 'video-header' && tag !== undefined);
    assert.ok(media.length > 160 && media.length < 168, `${media.length}`);
    assert.ok(list.length > 600);
  });
});
