import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroadcastStats } from '@bulkhead/extension-api';
import fc from 'fast-check';
import { html } from '../../../sample-plugins/stream-health/src/html.js';
import { Recording } from '../../../sample-plugins/stream-health/src/recording.js';
import { report } from '../../../sample-plugins/stream-health/src/report.js';
import { ReportFolder } from '../../../sample-plugins/stream-health/src/report-folder.js';
import { Series } from '../../../sample-plugins/stream-health/src/series.js';
import { timeTicks, valueTicks } from '../../../sample-plugins/stream-health/src/ticks.js';
import { assertPrintable, HOSTILE as HOSTILE_TEXT, HOSTILE_WORD } from '../../support/hostile-text.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { PLAIN_TEXTS } from './plain-texts.js';

describe("the stream-health plugin's series", () => {
  const CAPACITY = 8;
  const samples = fc.array(
    fc.record({ atMs: fc.integer({ min: 0, max: 100_000 }), value: fc.integer({ min: -1000, max: 1000 }) }),
    { minLength: 1, maxLength: 200 },
  );

  it('keeps minimum, maximum and mean of each interval, in a limited number of buckets', () => {
    fc.assert(
      fc.property(samples, (samples) => {
        const series = new Series(CAPACITY);
        for (const { atMs, value } of samples) series.add(atMs, value);
        const points = [...series.points()];
        assert.ok(points.length <= CAPACITY);
        for (const { atMs, min, max, sum, count } of points) {
          const from = atMs - series.widthMs / 2;
          const values = samples.flatMap((sample) =>
            sample.atMs >= from && sample.atMs < from + series.widthMs ? [sample.value] : [],
          );
          assert.deepEqual(
            { min, max, sum, count },
            {
              min: Math.min(...values),
              max: Math.max(...values),
              sum: values.reduce((a, b) => a + b, 0),
              count: values.length,
            },
          );
        }
        assert.equal(
          points.reduce((all, { count }) => all + count, 0),
          samples.length,
        );
        assert.equal(series.total?.max, Math.max(...samples.map(({ value }) => value)));
      }),
    );
  });

  it('has axes that include all values, with a dozen ticks at most', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        fc.nat(),
        fc.nat(),
        (greatest, from, span) => {
          const values = valueTicks(greatest);
          assert.ok((values.at(-1) ?? 0) >= greatest && values.length <= 6, String(values));
          assert.ok(timeTicks(from, from + span).length <= 12);
        },
      ),
    );
  });
});

describe("the stream-health plugin's report", () => {
  const HOSTILE = `</td><script>alert('1')</script>"&\u0000`;
  const stats: BroadcastStats = {
    videoFrames: 0,
    audioFrames: 0,
    splices: 0,
    lastGapMs: 0,
    maxGapMs: 0,
    encoder: { fps: 30, bitrateKbps: 2500, restarts: 0 },
    outputs: [
      {
        id: HOSTILE,
        state: 'live',
        sessions: 1,
        bytesSent: 0,
        bitrateKbps: 2500,
        droppedFrames: 0,
        queueMs: 20,
      },
    ],
  };

  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('reports');
  });

  afterEach(() => folder.dispose());

  it('escapes names given by others', () => {
    const recording = new Recording(0);
    recording.add(1000, stats, [{ severity: 'warning', message: HOSTILE }]);
    recording.add(2000, { ...stats, splices: 1, lastGapMs: 40 }, []);
    const text = report(
      recording,
      [{ id: 1, label: HOSTILE, plugin: HOSTILE, timestampMs: 0, atMs: 1500 }],
      PLAIN_TEXTS,
    );
    assert.doesNotMatch(text, /<script|NaN|undefined|Infinity/);
    assert.ok(!text.includes('\u0000'));
    const shown = String(html`${HOSTILE_TEXT} 👩\u200d💻`);
    assertPrintable(shown.replaceAll(/[\r\u200d]/g, ''), 'HTML');
    assert.ok(shown.includes(HOSTILE_WORD) && shown.endsWith('👩\u200d💻'));
    assert.match(text, /&lt;\/td&gt;&lt;script&gt;alert\(&#39;1&#39;\)&lt;\/script&gt;&quot;&amp;/);
    assert.match(text, /gap of 40 ms/);
    assert.equal(
      String(html`<i title="${'">'}">${html`<b>${1}</b>`}</i>`),
      '<i title="&quot;&gt;"><b>1</b></i>',
    );
  });

  it('stays small for a broadcast of a day with a problem every second', () => {
    const recording = new Recording(0);
    for (let second = 0; second < 86_400; second++) {
      recording.add(second * 1000, { ...stats, splices: second }, [
        { severity: 'warning', message: 'again' },
      ]);
    }
    assert.ok(report(recording, [], PLAIN_TEXTS).length < 1_000_000);
  });

  it('keeps one report for each of the last broadcasts, and nothing else', async () => {
    const reports = new ReportFolder(folder.path, 3);
    writeFileSync(join(folder.path, 'notes.html'), 'mine');
    const paths = await Promise.all(
      [1, 2, 3, 4, 5, 5].map((hour, index) => reports.write(hour * 3_600_000, `report ${index}`)),
    );
    assert.deepEqual(readdirSync(folder.path).sort(), [
      'broadcast-1970-01-01T03-00-00Z.html',
      'broadcast-1970-01-01T04-00-00Z.html',
      'broadcast-1970-01-01T05-00-00Z.html',
      'notes.html',
    ]);
    assert.equal(readFileSync(paths.at(-1) ?? '', 'utf8'), 'report 5');
  });
});
