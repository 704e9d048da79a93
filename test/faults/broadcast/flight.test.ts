import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestFlight, readFlight } from '../../../src/core/flight/flight-file.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { airOf, replayFlight } from '../../support/replayed-flight.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const KEY = 'live_987654321_SecretOfTheStreamer';

describe('flight records', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let live: Bulkhead;

  beforeEach(() => {
    folder = tempDir('flight');
  });

  afterEach(async () => {
    await live.end();
    folder.dispose();
  });

  it('say what happened when the encoder was killed, and do it again; no key is in them', async () => {
    const config = writeConfig(folder.path, {
      outputs: [{ id: 'dead', type: 'rtmp', url: 'rtmp://127.0.0.1:9/app', key: 'env:FLIGHT_KEY' }],
    });
    const flights = join(folder.path, 'bulkhead', 'flights');
    live = new Bulkhead(['live', config], { env: { FLIGHT_KEY: KEY, XDG_STATE_HOME: folder.path } });
    const frames = (count: number) =>
      live.until('frames', ({ timeline }) => timeline.videoFrames > count, 30_000);
    const { encoder } = await frames(60);
    process.kill(encoder.pid, 'SIGKILL');
    const path = await eventually('a record', () => latestFlight(flights), 30_000);
    const record = await eventually('all of it', async () => {
      const read = await readFlight(path);
      return read.isCut || read.entries.length === 0 ? undefined : read;
    });
    assert.match(record.header.reason, /^encoder: /);
    assert.ok(!readFileSync(path).includes(KEY));
    const replayed = replayFlight(record).map(({ kind, timestampMs }) => `${kind} ${timestampMs}`);
    // What the timeline makes by itself while there is no encoder is not in the packets.
    const aired = airOf(record);
    let at = 0;
    for (const tag of replayed) {
      const found = aired.indexOf(tag, at);
      assert.ok(found >= at && found - at < 200, `${tag} is not on air after ${aired[at - 1]}`);
      at = found + 1;
    }
    assert.ok(replayed.length > 100, `${replayed.length} tags`);
    const { code, stdout, stderr } = await runBulkhead(['inspect', path], { address: '' });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /crash +encoder: /);
    assert.match(stdout, /packets +epoch 1: \d+ frames/);
    assert.match(stdout, /→ [^:]*encoder[^:]*: \S+/);
    const asJson = await runBulkhead(['inspect', path, '--json'], { address: '' });
    const { entries } = JSON.parse(asJson.stdout) as { entries: { kind: string }[] };
    assert.equal(entries.length, record.entries.length);
  });

  it('are not what any other file is', async () => {
    live = new Bulkhead(['--version'], { address: '' });
    const other = await runBulkhead(['inspect', join(process.cwd(), 'package.json')], { address: '' });
    assert.equal(other.code, 64);
    assert.match(other.stderr, /flight record|cannot be read/);
    assert.doesNotMatch(other.stderr, /^\s+at /m);
  });
});
