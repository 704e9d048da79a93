import assert from 'node:assert/strict';
import { checkOutput } from '../../../src/cli/doctor/config-checks.js';
import { ok, problem, warning } from '../../../src/cli/doctor/finding.js';
import { judge, verdictText } from '../../../src/cli/doctor/verdict.js';
import type { OutputConfig } from '../../../src/config/schema.js';

const output = (id: string): OutputConfig => ({ id, type: 'rtmp', url: 'rtmp://127.0.0.1:1/live/k' });
const dead = (id: string) => ({ ...problem(`output ${id}`, 'does not respond'), output: id });
const broadcast = (ids: string[], enabled?: boolean) => ({
  outputs: ids.map(output),
  liveServer: {
    rtmpPort: 1935,
    httpPort: 8000,
    host: '127.0.0.1',
    rtmpHost: '127.0.0.1',
    ...(enabled === undefined ? {} : { enabled }),
  },
});

describe("the doctor's verdict", () => {
  it('is positive if one of several outputs works', () => {
    const verdict = judge([ok('node', ''), dead('b'), warning('x', '')], broadcast(['a', 'b', 'c']));
    assert.deepEqual(verdict, { canGoLive: true, failedOutputs: ['b'] });
    assert.match(verdictText(verdict), /^Ready to go live, but not to "b": /);
  });

  it('is negative if no output works, unless the embedded live server is on', () => {
    const findings = [dead('a'), dead('b')];
    assert.equal(judge(findings, broadcast(['a', 'b'])).canGoLive, false);
    assert.equal(judge(findings, broadcast(['a', 'b'], true)).canGoLive, true);
    assert.equal(judge([], broadcast([])).canGoLive, true);
    assert.equal(judge([], broadcast([], false)).canGoLive, false);
    assert.match(verdictText(judge(findings, broadcast(['a', 'b']))), /cannot go live yet/);
    assert.equal(verdictText(judge([], broadcast([]))), 'Ready to go live.');
  });

  it("is negative for a key that cannot be the platform's, and warns of one that is of another form", async () => {
    const check = (KEY: string) =>
      checkOutput({ ...output('a'), platform: 'twitch', key: 'env:KEY' } as OutputConfig, { KEY }, undefined);
    const [broken, unusual, right] = [
      await check('live_1 s3cret'),
      await check('sk_s3cret'),
      await check('live_1'),
    ];
    assert.deepEqual(
      [broken, unusual, right].map((found) => found.map(({ verdict }) => verdict)),
      [['problem', 'problem'], ['warning', 'problem'], ['problem']],
    );
    assert.match(broken[0]?.message ?? '', /^its key cannot be right: a stream key of Twitch has no spaces/);
    assert.match(unusual[0]?.message ?? '', /^stream keys of Twitch begin with "live_"/);
    assert.doesNotMatch(JSON.stringify([broken, unusual]), /s3cret/);
    assert.equal(judge(broken, broadcast(['a', 'b'])).canGoLive, false);
  });

  it('is negative for any other problem, such as a missing key', async () => {
    assert.equal(judge([problem('ffmpeg', 'there is none')], broadcast(['a'])).canGoLive, false);
    const found = await checkOutput(
      { ...output('a'), key: 'env:NO_SUCH_KEY' } as OutputConfig,
      {},
      undefined,
    );
    assert.deepEqual(
      found.map((finding) => finding.output),
      [undefined, 'a'],
    );
    assert.equal(judge(found, broadcast(['a', 'b'])).canGoLive, false);
  });
});
