import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';
import { patternOf, readSteps, type Step } from '../../support/console-document.js';
import { type NpmRegistry, startNpmRegistry } from '../../support/npm-registry.js';
import { type TempDir, tempDir } from '../../support/temp.js';
import { Terminals } from '../../support/terminal.js';
import { useOwnPackages } from '../plugin-tools/new-plugin-folder.js';

describe('the commands of documents', () => {
  let home: TempDir;
  let registry: NpmRegistry;
  let env: NodeJS.ProcessEnv;
  let terminals: Terminals;

  before(async () => {
    home = tempDir('docs');
    registry = await startNpmRegistry(home.path);
    env = environment(home.path, registry);
  });

  beforeEach(() => {
    terminals = new Terminals(home.path, env);
  });

  after(async () => {
    await registry.stop();
    home.dispose();
  });

  for (const name of ['plugins.md', 'errors.md']) {
    it(`print what docs/${name} shows`, async function () {
      this.timeout(180_000);
      const document = join(packageRoot(), 'docs', name);
      try {
        for (const step of readSteps(readFileSync(document, 'utf8'))) {
          await take(step).catch((error: Error) => {
            throw new Error(`${document}:${step.line}: ${error.message}`);
          });
        }
      } finally {
        await terminals.end();
      }
    });
  }

  async function take(step: Step): Promise<void> {
    if (step.kind === 'file') {
      writeFileSync(join(terminals.get(1).folder, step.path), step.text);
      return;
    }
    const terminal = terminals.get(step.terminal);
    if (step.kind === 'interrupt') {
      await terminal.interrupt();
    } else if (step.kind === 'output') {
      await terminal.printed(patternOf(step.output));
    } else if (step.terminal > 1) {
      terminal.start(step.command);
      await terminal.printed(patternOf(step.output));
    } else {
      if (step.command === 'npm install') useOwnPackages(terminal.folder);
      const { code, printed } = await terminal.finish(step.command);
      assert.equal(code !== 0, step.fails, `"${step.command}" has ended with ${code}:\n${printed}`);
      if (step.output.length > 0) {
        assert.match(
          printed.endsWith('\n') ? printed : `${printed}\n`,
          new RegExp(`^${patternOf(step.output)}$`),
        );
      }
    }
  }
});

/** A separate home folder with the command built by this repository, and npm with the registry on loopback. */
function environment(home: string, registry: NpmRegistry): NodeJS.ProcessEnv {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'bulkhead'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot(), 'dist', 'bin', 'bulkhead.cjs')}' "$@"\n`,
  );
  chmodSync(join(bin, 'bulkhead'), 0o755);
  const { host } = new URL(registry.env['npm_config_registry'] ?? '');
  writeFileSync(registry.env['npm_config_userconfig'] ?? '', `//${host}/:_authToken=test\n`);
  const runtime = join(home, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  return {
    ...registry.env,
    PATH: [bin, process.env['PATH']].join(delimiter),
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    ...inherited('TMPDIR', 'FFMPEG_BIN'),
    NO_COLOR: '1',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

function inherited(...names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    names.filter((name) => name in process.env).map((name) => [name, process.env[name]]),
  );
}
