import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../../../src/encoder/run-ffmpeg.js';
import { tempDir } from '../../support/temp.js';

describe('a tool that is run for its output', () => {
  it('is not awaited beyond its deadline, even if its child process holds its output open', async () => {
    const folder = tempDir('tool');
    const pidFile = join(folder.path, 'pid');
    try {
      const { timedOut, stdout } = await runTool(
        'sh',
        ['-c', `sleep 600 & echo $! > ${pidFile}; echo started; wait`],
        { deadlineMs: 500 },
      );
      assert.deepEqual([timedOut, stdout], [true, 'started\n']);
    } finally {
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
      folder.dispose();
    }
  });
});
