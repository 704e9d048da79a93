import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askKeyring } from '../../../src/core/processes/ask-keyring.js';
import { ErrorCodes } from '../../../src/protocol/errors.js';
import { type TempDir, tempDir } from '../../support/temp.js';

describe('asking the keyring', function () {
  this.timeout(60_000);
  let folder: TempDir;

  beforeEach(() => {
    folder = tempDir('keyring');
  });

  afterEach(() => folder.dispose());

  /** A process that runs this for the line that it is given. */
  const asking = (source: string, deadlineMs?: number) => {
    const program = join(folder.path, 'program.cjs');
    writeFileSync(program, `process.stdin.once('data', (data) => { const line = String(data); ${source} });`);
    const request = { op: 'get', name: 'twitch' } as const;
    return askKeyring(request, 'outputs.main', {
      program,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
  };
  const answer = (value: object) =>
    `process.stdout.write(${JSON.stringify(JSON.stringify(value))}); process.exit(0);`;

  it('gives the answer of its process', async () => {
    const { value } = await asking(
      `process.stdout.write(JSON.stringify({ ok: true, value: 'of ' + JSON.parse(line).name })); process.exit(0);`,
    );
    assert.equal(value, 'of twitch');
  });

  it('ends one that waits for its owner, and says so', async () => {
    await assert.rejects(asking('', 300), {
      code: ErrorCodes.secretNotFound,
      message: /did not answer within 0 s/,
      remedy: /look for its window/,
    });
  });

  it('says what to do without a keyring, and without the package', async () => {
    await assert.rejects(asking(answer({ ok: false, reason: 'failed', message: 'no session' })), {
      code: ErrorCodes.secretNotFound,
      message: 'the keyring cannot be used: no session',
      where: 'outputs.main',
    });
    await assert.rejects(
      asking(answer({ ok: false, reason: 'missing', message: 'x' })),
      /@napi-rs\/keyring is not installed/,
    );
  });

  for (const [what, source] of [
    ['dies', 'process.kill(process.pid, "SIGKILL")'],
    ['says something else', answer({ ok: 'maybe' })],
    ['says too much', 'process.stdout.write("x".repeat(3e6), () => process.exit(0))'],
  ] as const) {
    it(`fails where its process ${what}`, async () => {
      await assert.rejects(asking(source), /ended without an answer/);
    });
  }
});
