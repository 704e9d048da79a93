import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  formatBytes,
  formatDuration,
  loopHint,
  statusLine,
  statusReport,
} from '../../../src/cli/status-text.js';
import type { SourceStatus } from '../../../src/protocol/encoder.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { IDLE } from '../../integration/cli/fake-core.js';

const reportOf = (status: Status) => statusReport(status).map(({ text }) => text);

describe('the status line', () => {
  it('shows state, uptime, fps, bitrate, dropped frames, restarts, and outputs that are not live', () => {
    const output = {
      url: '',
      sessions: 1,
      bytesSent: 0,
      droppedFrames: 2,
      queueMs: 0,
      ...NO_OUTPUT_STATISTICS,
    };
    const status = {
      ...IDLE,
      state: 'live' as const,
      uptimeMs: 3_600_000,
      outputs: [
        { ...output, id: 'a', state: 'live' as const },
        { ...output, id: 'b', state: 'failed' as const },
      ],
    };
    assert.equal(
      statusLine(status).text,
      '● live  b: failed  1:00:00  30.0 fps  2500 kbit/s  4 dropped  0 restarts',
    );
  });

  it('says that no output is there where the streamer has stopped all, and nothing of one that is stopped', () => {
    const output = {
      url: '',
      sessions: 1,
      bytesSent: 0,
      droppedFrames: 0,
      queueMs: 0,
      ...NO_OUTPUT_STATISTICS,
    };
    const outputs = [{ ...output, id: 'a', state: 'stopped' as const }];
    assert.match(
      statusLine({ ...IDLE, state: 'paused', outputs }).text,
      /^● paused {2}no output: all are stopped or/,
    );
    const both = [...outputs, { ...output, id: 'b', state: 'live' as const }];
    assert.match(statusLine({ ...IDLE, state: 'live', outputs: both }).text, /^● live {2}0:00:00/);
  });

  it('reports the encoder as the problem rather than an output that waits for it, and no rate before there is one', () => {
    const error = { code: 'input.unreachable', message: 'nothing answers' } as const;
    const encoder = { ...IDLE.encoder, fps: 0, restarts: 1, state: 'restarting', error } as const;
    const output = {
      id: 'a',
      url: '',
      sessions: 0,
      bytesSent: 0,
      droppedFrames: 0,
      queueMs: 0,
      ...NO_OUTPUT_STATISTICS,
    };
    const outputs = [{ ...output, state: 'connecting' as const }];
    assert.equal(
      statusLine({ ...IDLE, state: 'starting', encoder, outputs }).text,
      '● starting  encoder: restarting  0:00:00  0 dropped  1 restart',
    );
  });

  describe('of an input', () => {
    const input = { name: 'rtmp://h/a/***', missingMs: 12_000, loops: false } as const;
    const error = { code: 'input.unreachable', message: 'nothing answers' } as const;
    const output = {
      id: 'a',
      url: 'u',
      sessions: 0,
      bytesSent: 0,
      droppedFrames: 0,
      queueMs: 0,
      ...NO_OUTPUT_STATISTICS,
    };
    const outputs = [{ ...output, state: 'connecting' as const }];
    const encoder = { ...IDLE.encoder, fps: 0, state: 'restarting', error } as const;

    it('that has not delivered is the only problem reported', () => {
      const status = {
        ...IDLE,
        state: 'starting',
        input: { ...input, state: 'waiting', error },
        encoder,
        outputs,
      } as const;
      assert.equal(statusLine(status).text, '● starting  input: waiting  0:00:00  0 dropped  0 restarts');
      const report = reportOf(status).join('\n');
      assert.match(report, /input +rtmp:\/\/h\/a\/\*\*\*, no frame yet for 0:00:12\n +nothing answers/);
      assert.equal(report.match(/nothing answers/g)?.length, 1, 'once');
      assert.match(report, /output +a {2}waits for input/);
    });

    it('that is lost is reported, even while the stream is live', () => {
      const status = { ...IDLE, state: 'live', input: { ...input, state: 'lost', error } } as const;
      assert.match(statusLine(status).text, /^● live {2}input: lost {2}/);
      assert.match(reportOf(status).join('\n'), /, lost for 0:00:12/);
    });

    it('that has just been started is not a problem', () => {
      const status = {
        ...IDLE,
        state: 'starting',
        input: { ...input, state: 'waiting', missingMs: 900 },
      } as const;
      assert.doesNotMatch(statusLine(status).text, /input/);
    });

    it('that is a looped file is described as such', () => {
      const file = { name: 'talk.mp4', state: 'delivering', missingMs: 0, loops: true } as const;
      const status = { ...IDLE, state: 'live', input: file } as const;
      assert.match(reportOf(status).join('\n'), /input +talk\.mp4, delivering, looped/);
      assert.match(loopHint(status) ?? '', /^talk\.mp4 loops; use --once to end /);
      assert.equal(loopHint({ ...status, input: { ...file, loops: false } }), undefined);
    });
  });

  it('shows the sources where there is a fallback or one has failed, and each error once', () => {
    const error = { code: 'input.notFound', message: 'talk.mp4 does not exist' } as const;
    const cam = { id: 'cam', type: 'file', state: 'failed', item: 0, positionMs: 0, pid: 0, error } as const;
    const brb = { id: 'brb', type: 'image', state: 'live', item: 0, positionMs: 0, pid: 7 } as const;
    const input = { name: 'talk.mp4', state: 'lost', missingMs: 1000, loops: true, error } as const;
    const status = { ...IDLE, state: 'live', input, sources: [cam, brb] } as const;
    const report = reportOf(status).join('\n');
    assert.match(report, /source +cam, file, failed\n +source +brb, image, live/);
    assert.equal(report.match(/does not exist/g)?.length, 1, 'with the input');
    const other = { ...brb, state: 'failed', error: { ...error, message: 'no brb.png' } } as const;
    assert.match(
      reportOf({ ...status, sources: [cam, other] }).join('\n'),
      /brb, image, failed\n +no brb.png/,
    );
    const alone = (source: SourceStatus) => reportOf({ ...status, sources: [source] }).join('\n');
    assert.match(alone(cam), /source +cam, file, failed/);
    assert.doesNotMatch(alone(brb), /source/);
  });

  it("shows plugins' tasks and questions", () => {
    const progress = [
      {
        id: 4,
        plugin: 'clips',
        title: 'Upload',
        message: 'two',
        percentage: 41.6,
        cancellable: true,
        atMs: 0,
      },
    ];
    const questions = [
      { id: 2, plugin: 'chat', severity: 'info', message: 'Lower it?', actions: ['Yes', 'No'], atMs: 0 },
    ] as const;
    const status = { ...IDLE, progress, questions };
    assert.match(statusLine(status).text, /^● idle {2}1 question {2}.* {2}Upload 42 %: two$/);
    const report = reportOf(status).join('\n');
    assert.match(report, /Upload 42 %: two \(clips, progress 4\)/);
    assert.match(report, /2 {2}chat: Lower it\?\n.*1 Yes {3}2 No\n.*bulkhead answer 2 N/);
  });

  it('names the scene on air where there are scenes', () => {
    const canvas = { id: 'main', width: 1280, height: 720, fps: 30 };
    const scenesOf = (canvases: Status['canvases']) =>
      reportOf({ ...IDLE, state: 'live', canvases }).filter((line) => line.startsWith('  scene'));
    assert.deepEqual(scenesOf([{ ...canvas, programme: 'talk' }]), ['  scene     talk']);
    assert.deepEqual(scenesOf([canvas]), []);
    const transition = { type: 'fade', durationMs: 300, direction: 'left', to: 'end' } as const;
    assert.deepEqual(scenesOf([{ ...canvas, programme: 'talk', preview: 'game', transition }]), [
      '  scene     talk → end, preview game',
    ]);
  });

  it('is followed by the plugins: which are waiting, and what they show', () => {
    const host = {
      pid: 7,
      plugins: ['chat', 'clips'],
      waiting: ['clips'],
      statusItems: [{ plugin: 'chat', id: 'viewers', name: 'Viewers', text: '12' }],
      restarts: 0,
      state: 'running',
      isolated: true,
      tier: 'strict',
    } as const;
    const lines = reportOf({ ...IDLE, extensionHosts: [host] });
    const at = lines.findIndex((line) => line.includes('plugins'));
    assert.match(lines[at] ?? '', /chat, clips \(not needed yet\)/);
    assert.equal(lines[at + 1]?.trim(), 'Viewers: 12');
  });

  it('shows no broadcast for an idle core', () => {
    const lines = reportOf(IDLE);
    assert.equal(lines[0], '● idle  nothing is on air');
    assert.equal(lines[2], '  encoder   ready, pid 12');
    assert.ok(!lines.some((line) => /timeline|epoch|gap/.test(line)), lines.join('\n'));
  });

  it('aligns several outputs, with their errors below', () => {
    const base = { sessions: 1, bytesSent: 1e6, droppedFrames: 0, queueMs: 0, ...NO_OUTPUT_STATISTICS };
    const error = { code: 'output.refused', message: 'the key is wrong' } as const;
    const outputs = [
      { ...base, id: 'a', url: 'rtmp://a/***', state: 'live' },
      { ...base, id: 'second', url: 'rtmps://second/***', state: 'failed', error },
    ] as const;
    const lines = reportOf({ ...IDLE, state: 'live', outputs });
    assert.deepEqual(lines.slice(3, 6), [
      '  output    a       live    rtmp://a/***        1 session, 1.0 MB, 0 dropped',
      '  output    second  failed  rtmps://second/***  1 session, 1.0 MB, 0 dropped',
      '            the key is wrong',
    ]);
  });

  it('shows in 80 columns, in colour, that one output of two has failed', () => {
    const output = {
      url: '',
      sessions: 1,
      bytesSent: 0,
      droppedFrames: 123_456,
      queueMs: 0,
      ...NO_OUTPUT_STATISTICS,
    };
    const status = {
      ...IDLE,
      state: 'live' as const,
      uptimeMs: 360_000_000,
      encoder: { ...IDLE.encoder, restarts: 12 },
      outputs: [
        { ...output, id: 'live-example-org', state: 'live' as const },
        { ...output, id: 'backup-ingest-example-org', state: 'reconnecting' as const },
        { ...output, id: 'third', state: 'failed' as const },
      ],
    };
    const line = statusLine(status, 79);
    assert.equal(line.text.length, 79);
    const painted = line.render((text, style) => `<${style}>${text}</${style}>`);
    assert.match(
      painted,
      /^<bold><yellow>● live<\/yellow><\/bold> {2}<red>third: failed<\/red> {2}<yellow>backup-ingest/,
    );
    assert.match(line.text, /backup-ingest-example-org: reconnecting {2}100:00:00/);
    const allLive = status.outputs.map((one) => ({ ...one, state: 'live' as const }));
    const healthy = statusLine({ ...status, outputs: allLive }).render((text, style) => `<${style}>${text}`);
    assert.match(healthy, /^<bold><green>● live {2}100:00:00/);
    const error = { code: 'output.slow' as const, message: 'takes less than is sent' };
    const slow = statusLine({
      ...status,
      outputs: allLive.map((one, n) => (n === 1 ? { ...one, error } : one)),
    });
    assert.match(slow.text, /^● live {2}backup-ingest-example-org: losing frames {2}100:00:00/);
  });

  it('fits the terminal, whatever its width', () => {
    fc.assert(
      fc.property(fc.nat(120), fc.nat(), (width, uptimeMs) => {
        assert(statusLine({ ...IDLE, uptimeMs }, width).width <= Math.max(1, width));
      }),
    );
  });

  it('formats times and sizes for people', () => {
    assert.equal(formatDuration(-7_233_000), '0:00:00');
    assert.deepEqual([0, 59_999, 3_723_000, 360_000_000].map(formatDuration), [
      '0:00:00',
      '0:00:59',
      '1:02:03',
      '100:00:00',
    ]);
    assert.deepEqual([0, 1500, 12_345_678, 2_500_000_000].map(formatBytes), [
      '0 kB',
      '2 kB',
      '12.3 MB',
      '2.50 GB',
    ]);
  });
});
