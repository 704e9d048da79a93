import assert from 'node:assert/strict';
import { BroadcastView } from '../../../src/cli/live/broadcast-view.js';
import { Printer } from '../../../src/cli/terminal/printer.js';
import { NO_OUTPUT_STATISTICS } from '../../../src/protocol/output-statistics.js';
import type { OutputState } from '../../../src/protocol/status/output-connections.js';
import type { Status } from '../../../src/protocol/status/status.js';
import { IDLE } from '../../integration/cli/fake-core.js';

describe('the display of a broadcast in a file', () => {
  let lines: string[];
  let view: BroadcastView;

  beforeEach(() => {
    lines = [];
    const write = (text: string) => void lines.push(...text.trimEnd().split('\n'));
    view = new BroadcastView(new Printer({ write }, {}));
  });

  const show = (state: Status['state'], uptimeMs: number, ...outputs: OutputState[]) =>
    view.showStatus({
      ...IDLE,
      state,
      uptimeMs,
      outputs: outputs.map((output, index) => ({
        id: `out${index}`,
        url: '',
        state: output,
        sessions: 0,
        bytesSent: 0,
        droppedFrames: 0,
        queueMs: 0,
        ...NO_OUTPUT_STATISTICS,
      })),
    });

  it('has a line for every change of an output, and the last line is current', () => {
    show('starting', 0, 'connecting', 'connecting');
    show('live', 1000, 'live', 'connecting');
    show('live', 2000, 'live', 'connecting');
    show('live', 3000, 'live', 'live');
    show('live', 4000, 'live', 'live');
    assert.deepEqual(
      lines.map((line) => line.split('  ').slice(0, -4).join('  ')),
      [
        '● starting  out0: connecting  out1: connecting  0:00:00',
        '● live  out1: connecting  0:00:01',
        '● live  0:00:03',
      ],
    );
  });

  it('has no line for a change that is reverted immediately, and one for a lasting change', () => {
    show('live', 0, 'live');
    for (let ms = 500; ms < 2000; ms += 500) show('live', ms, ms % 1000 === 0 ? 'live' : 'connecting');
    show('live', 2500, 'live');
    show('live', 3000, 'reconnecting');
    show('live', 3100, 'live');
    show('live', 3200, 'reconnecting');
    show('live', 5200, 'reconnecting');
    assert.deepEqual(
      lines.map((line) => line.split('  ').slice(0, -4).join('  ')),
      ['● live  0:00:00', '● live  out0: reconnecting  0:00:03'],
    );
  });

  it('shows where the log is if a message refers to it', () => {
    const notice = (message: string) =>
      view.showNotice({ severity: 'warning', source: 'encoder', message, atMs: 0 });
    notice('The log has its last lines.');
    view.showStatus({ ...IDLE, core: { ...IDLE.core, logFile: '/var/log/core.log' } });
    notice('ffmpeg failed. The log has its last lines.');
    notice('a catalogue');
    assert.deepEqual(
      lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, '')),
      [
        'encoder: The log has its last lines.',
        'encoder: ffmpeg failed. The log has its last lines.',
        'The log: /var/log/core.log',
        'encoder: a catalogue',
      ],
    );
  });

  it('has one every 30 s if nothing changes', () => {
    for (let ms = 0; ms <= 60_000; ms += 1000) show('live', ms, 'live');
    assert.equal(lines.length, 3);
  });
});
