import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastReport, OutputReport } from '../../../src/protocol/report.js';
import type { OutputStatus } from '../../../src/protocol/status/output-status.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { SMALL_VIDEO, writeConfig } from '../../support/small-broadcast.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Video frames in what a server has recorded, as ffprobe counts them. */
function framesIn(folder: string): number {
  const files = readdirSync(folder).filter((name) => name.endsWith('.flv'));
  const counts = files.map((name) => {
    const args = ['-v', 'error', '-select_streams', 'v', '-count_packets', '-of', 'csv=p=0'];
    const file = join(folder, name);
    return Number(
      execFileSync('ffprobe', [...args, '-show_entries', 'stream=nb_read_packets', file], {
        encoding: 'utf8',
      }),
    );
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('statistics of a broadcast', function () {
  this.timeout(120_000);
  let folder: TempDir;
  let steady: NginxRtmp;
  let lost: NginxRtmp;
  let live: Bulkhead;

  beforeEach(async () => {
    folder = tempDir('statistics');
    steady = await startNginxRtmp({ recordingFolder: folder.path });
    lost = await startNginxRtmp();
  });

  afterEach(async () => {
    await live.end();
    await steady.stop();
    await lost.stop();
    folder.dispose();
  });

  const outputOf = ({ outputs }: Status, id: string): OutputStatus =>
    outputs.find((output) => output.id === id) ?? assert.fail(`no output ${id}`);

  it('says what each server was sent, and what it missed', async () => {
    const config = writeConfig(join(folder.path, 'config'), {
      video: { ...SMALL_VIDEO, keyframeIntervalSeconds: 1 },
      outputs: [
        { id: 'steady', url: steady.url('recorded', 'a') },
        { id: 'lost', url: lost.url('live', 'b') },
      ],
      recording: { folder: join(folder.path, 'recordings'), startWithBroadcast: true },
    });
    const file = join(folder.path, 'report.json');
    live = new Bulkhead(['live', config, '--report', file]);
    await live.until('measured', ({ outputs, timeline }) => {
      const measured = outputs.filter(({ state, fps, keyframeIntervalMs }) => {
        return state === 'live' && fps > 0 && keyframeIntervalMs === 1000;
      });
      return measured.length === 2 && timeline.keyframeIntervalMs === 1000;
    });
    const beforeMs = performance.now();
    await lost.kill9();
    const isLost = (status: Status) => outputOf(status, 'lost').state === 'reconnecting';
    await live.until('lost', isLost);
    const lostMs = performance.now();
    await live.until('in a gap', (status) => isLost(status) && outputOf(status, 'lost').gaps.totalMs > 2000);
    const leastMs = performance.now() - lostMs;
    await lost.restart();
    const back = await live.until('back', (status) => outputOf(status, 'lost').state === 'live');
    const mostMs = performance.now() - beforeMs;
    await live.until('five seconds', (status) => {
      return outputOf(status, 'steady').liveMs > 7000 && outputOf(status, 'lost').fps > 0;
    });
    // Without --port they are printed.
    const metrics = await runBulkhead(['metrics'], { address: live.address });
    assert.match(metrics.stdout, /^bulkhead_output_reconnects_total\{output="lost"\} 1$/m);
    assert.match(metrics.stdout, /^bulkhead_output_gaps_total\{output="steady"\} 0$/m);
    assert.equal(await live.stop(), 0, live.stderr);

    const report = JSON.parse(readFileSync(file, 'utf8')) as BroadcastReport;
    const of = (id: string): OutputReport =>
      report.outputs.find((output) => output.id === id) ?? assert.fail(`no output ${id}`);
    assert.equal(of('steady').framesSent, framesIn(folder.path), 'as many as the server has');
    const { reconnects, sessions, gaps } = of('steady');
    assert.deepEqual({ reconnects, sessions, gaps: gaps.count }, { reconnects: 0, sessions: 1, gaps: 0 });
    assert.ok((of('steady').lowestKbps ?? 0) > 0);
    const again = of('lost');
    assert.deepEqual([again.reconnects, again.sessions, again.gaps.count], [1, 2, 1]);
    const gapMs = again.gaps.totalMs;
    assert.ok(gapMs >= leastMs && gapMs <= mostMs + 1000, `${leastMs} <= ${gapMs} <= ${mostMs}`);
    assert.ok(again.liveMs <= of('steady').liveMs - leastMs);
    assert.deepEqual(
      report.recordings.map(({ files, state }) => [files.length, state]),
      [[1, 'stopped']],
    );
    assert.deepEqual(
      report.parts.map(({ part, restarts }) => [part, restarts]),
      [
        ['encoder', back.encoder.restarts],
        ['recorder', 0],
      ],
    );
    assert.match(live.stdout, /On air for 0:00:\d\d; nothing was restarted/);
    assert.match(live.stdout, /lost {4}live .*, 1 reconnect, 1 gap of \d/);
    assert.match(live.stdout, /The report: .*broadcast-.*\.json/);
  });

  it('has them of a core that runs by itself, when the broadcast has ended', async () => {
    live = new Bulkhead(['core']);
    const { address } = live;
    await live.until('a core', ({ state }) => state === 'idle');
    const none = await runBulkhead(['report'], { address });
    assert.match(none.stderr, /no broadcast of this core has ended yet/);
    const config = writeConfig(join(folder.path, 'second'), {
      video: SMALL_VIDEO,
      outputs: [{ id: 'again', url: lost.url('live', 'c') }],
    });
    await runBulkhead(['start', config], { address });
    await live.until('live', (status) => status.state === 'live');
    // A removed output is reported on as well.
    const added = await runBulkhead(['output', 'add', 'more', lost.url('live', 'd')], { address });
    assert.equal(added.code, 0, added.stderr);
    await live.until('both', ({ outputs }) => outputs.filter(({ state }) => state === 'live').length === 2);
    await runBulkhead(['output', 'remove', 'more'], { address });
    const { stdout } = await runBulkhead(['stop'], { address });
    assert.match(stdout, /The broadcast has ended; the core keeps running\.\nOn air for /);
    const { code, stdout: json } = await runBulkhead(['report', '--json'], { address });
    assert.equal(code, 0);
    const { outputs } = JSON.parse(json) as BroadcastReport;
    assert.deepEqual(
      outputs.map(({ id, state, sessions }) => [id, state, sessions]),
      [
        ['more', 'stopped', 1],
        ['again', 'stopped', 1],
      ],
    );
  });
});
