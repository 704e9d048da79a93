import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sinon from 'sinon';
import type { LogLevel } from '../../../src/core/core-options.js';
import { openLog } from '../../../src/core/log/log.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe("the core's log", () => {
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('log');
  });

  afterEach(() => {
    sinon.restore();
    folder.dispose();
  });

  const entriesAt = async (logLevel: LogLevel) => {
    const logFile = join(folder.path, `${logLevel}.log`);
    const log = openLog({ logFile, logLevel });
    for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const)
      log[level](`a ${level}`, { of: level });
    await log.close(10_000);
    if (logLevel === 'silent') return [];
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  it('writes a line of JSON for each entry, with time and details', async () => {
    const entries = await entriesAt('trace');
    assert.deepEqual(
      entries.map(({ level, msg, of }) => [level, msg, of]),
      [
        [10, 'a trace', 'trace'],
        [20, 'a debug', 'debug'],
        [30, 'a info', 'info'],
        [40, 'a warn', 'warn'],
        [50, 'a error', 'error'],
      ],
    );
    for (const { time } of entries) assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  });

  it('omits entries below its level', async () => {
    assert.deepEqual(
      (await entriesAt('warn')).map(({ msg }) => msg),
      ['a warn', 'a error'],
    );
    assert.deepEqual(await entriesAt('silent'), []);
  });

  it('reports once that it cannot be written, and throws nothing', async () => {
    const printed = sinon.stub(console, 'error');
    const logFile = join('/dev/null', 'core.log');
    const log = openLog({ logFile, logLevel: 'info' });
    for (let line = 0; line < 3; line++) {
      log.info('a line');
      await log.close(1000);
    }
    sinon.assert.calledOnce(printed);
    assert.match(
      printed.firstCall.args[0],
      /^cannot log to \/dev\/null\/core\.log: \w+\. Lines of the log are lost\.$/,
    );
  });
});
