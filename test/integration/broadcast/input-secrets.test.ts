import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bulkhead } from '../../support/bulkhead.js';
import { freePort } from '../../support/ports.js';
import { writeConfig } from '../../support/small-broadcast.js';
import { tempDir } from '../../support/temp.js';
import { eventually } from '../../support/wait.js';

const SECRETS = ['live_SECRET_key', 'joe_SECRET', 'pass_SECRET', 'token_SECRET'];

describe('an input with secrets in its address, where nothing listens', function () {
  this.timeout(60_000);

  it('shows none of them in status, notices, log and process list', async () => {
    const folder = tempDir('input-secrets');
    const [key, user, password, token] = SECRETS;
    const url = `rtmp://${user}:${password}@127.0.0.1:${await freePort()}/app/${key}?t=${token}`;
    const config = writeConfig(folder.path, {
      outputs: [{ id: 'nowhere', url: `rtmp://127.0.0.1:${await freePort()}/app`, key: 'k' }],
    });
    const log = join(folder.path, 'core.log');
    const bulkhead = new Bulkhead([
      'live',
      config,
      '--input',
      url,
      '--log-level',
      'trace',
      '--log-file',
      log,
    ]);
    try {
      await eventually('the notice', () => bulkhead.stdout.includes('Nothing is listening at') || undefined);
      const status = JSON.stringify(await bulkhead.status());
      const argv = readFileSync(`/proc/${bulkhead.pid}/cmdline`, 'utf8');
      await bulkhead.stop();
      const written = readFileSync(log, 'utf8');
      assert.match(written, /Nothing is listening/);
      const shown = { status, argv, log: written, stdout: bulkhead.stdout, stderr: bulkhead.stderr };
      for (const [where, text] of Object.entries(shown))
        for (const secret of SECRETS) assert.ok(!text.includes(secret), `${secret} in ${where}: ${text}`);
      assert.match(bulkhead.stdout, /rtmp:\/\/\*\*\*@127\.0\.0\.1:\d+\/app\/\*\*\*\?\*\*\*/);
    } finally {
      await bulkhead.end();
      folder.dispose();
    }
  });
});
