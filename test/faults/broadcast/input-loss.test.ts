import assert from 'node:assert/strict';
import { Bulkhead, runBulkhead } from '../../support/bulkhead.js';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx.js';
import { type Publisher, publish } from '../../support/publisher.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';

describe('a live input', function () {
  this.timeout(120_000);

  it('that is missing or lost is the only problem in status and status line', async () => {
    const folder = tempDir('input-loss');
    let nginx: NginxRtmp | undefined;
    let bulkhead: Bulkhead | undefined;
    let publisher: Publisher | undefined;
    try {
      nginx = await startNginxRtmp();
      const source = nginx.url('other', 'camera-key');
      const config = writeConfig(folder.path, { input: { type: 'url', url: source } });
      bulkhead = new Bulkhead(['live', config, '--output', nginx.url('live', 'key')]);
      const { address } = bulkhead;
      const report = async () => (await runBulkhead(['status'], { address })).stdout;

      const waiting = await bulkhead.until('waiting', ({ input }) => input?.error !== undefined);
      assert.equal(waiting.input?.state, 'waiting');
      assert.match(waiting.input?.error?.message ?? '', /delivers nothing/);
      assert.match(waiting.input?.name ?? '', /^rtmp:\/\/127\.0\.0\.1:\d+\/other\/\*\*\*$/);
      const before = await report();
      assert.match(before, /● starting {2}input: waiting/);
      assert.match(before, /input +rtmp:.*, no frame yet for 0:00:\d\d/);
      assert.doesNotMatch(before, /output +\S+ +connecting/);

      publisher = publish(source);
      await bulkhead.until(
        'live',
        ({ state, input }) => state === 'live' && input?.state === 'delivering',
        40_000,
      );
      await publisher.kill();
      const lost = await bulkhead.until(
        'lost',
        ({ input }) => input?.state === 'lost' && input.error !== undefined,
        30_000,
      );
      assert.equal(lost.state, 'live', 'the slate is on air');
      assert.match(await report(), /● live {2}input: lost.*\n(.*\n)*.*input +rtmp:.*, lost for 0:00:\d\d/);

      publisher = publish(source);
      const back = await bulkhead.until('back', ({ input }) => input?.state === 'delivering', 40_000);
      assert.equal(back.input?.missingMs, 0);
      assert.equal(back.outputs[0]?.sessions, 1, 'one session');
      assert.match(bulkhead.stdout, /input: It delivers, after \d+ s without a frame\./);
      assert.doesNotMatch(
        bulkhead.stdout,
        /was interrupted.*\n(.*\n)*.*was interrupted.*\n(.*\n)*.*was interrupted/,
      );
    } finally {
      await publisher?.kill();
      await bulkhead?.end();
      await nginx?.stop();
      folder.dispose();
    }
  });
});
