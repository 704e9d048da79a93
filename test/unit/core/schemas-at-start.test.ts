import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** All that the processes load before the first frame. */
const LOADED = {
  'the command': ['cli/program.js', 'cli/commands/live.js', 'cli/live/owned-broadcast.js'],
  'the core': ['core/core.js'],
  'the encoder': ['encoder/encoder-part.js'],
  'the recorder': ['recorder/recorder-part.js'],
};

/** Loads modules in a process of its own, in which zod reports each schema that it makes. */
async function schemasMadeBy(modules: readonly string[], use = ''): Promise<string[]> {
  const urls = modules.map((module) => new URL(`../../../src/${module}`, import.meta.url).href);
  const script = `
    const made = [];
    globalThis.__zod_globalConfig = { postProcessor: () => made.push(new Error().stack.match(/src\\/(?!base\\/)[^)]*/)?.[0]) };
    const urls = ${JSON.stringify(urls)};
    for (const url of urls) await import(url);
    ${use}
    console.log(JSON.stringify(made));
    process.exit();
  `;
  const { stdout } = await run(process.execPath, [
    '--stack-trace-limit=100',
    '--input-type=module',
    '--eval',
    script,
  ]);
  return JSON.parse(stdout) as string[];
}

describe('schemas at the start', () => {
  for (const [name, modules] of Object.entries(LOADED)) {
    it(`are not made while ${name} is loaded`, async function () {
      this.timeout(60_000);
      assert.deepEqual([...new Set(await schemasMadeBy(modules))], []);
    });
  }

  it('are seen when they are made', async function () {
    this.timeout(60_000);
    assert.notDeepEqual(
      await schemasMadeBy(['config/replay-schema.js'], '(await import(urls[0])).ReplaySchema.parse({});'),
      [],
    );
  });
});
