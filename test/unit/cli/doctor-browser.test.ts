import assert from 'node:assert/strict';
import { checkBrowser } from '../../../src/cli/doctor/system-checks.js';
import { BroadcastConfigSchema } from '../../../src/config/schema.js';

const page = (more: object = {}) =>
  BroadcastConfigSchema.parse({
    sources: [{ id: 'alerts', type: 'browser', url: 'http://127.0.0.1/', ...more }],
    scenes: [{ id: 'main' }],
  });

describe('the doctor on web pages', () => {
  it('looks for a browser only where one is needed', () => {
    assert.deepEqual(checkBrowser(BroadcastConfigSchema.parse({})), []);
    assert.deepEqual(
      checkBrowser(page()).map(({ subject }) => subject),
      ['browser'],
    );
  });

  it('says where the one is that a source names, or that it is not there', () => {
    const [found] = checkBrowser(page({ browser: process.execPath }));
    assert.deepEqual([found?.verdict, found?.message], ['ok', process.execPath]);
    const [missing] = checkBrowser(page({ browser: '/nosuch/browser' }));
    assert.equal(missing?.verdict, 'warning');
    assert.match(missing?.message ?? '', /^\/nosuch\/browser does not exist$/);
    assert.match(missing?.remedy ?? '', /"browser"/);
  });
});
