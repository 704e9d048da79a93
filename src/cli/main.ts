import { fileURLToPath } from 'node:url';
import { refuseInspector } from '../process-host/no-inspector.js';
import { askOnTerminal } from './ask-on-terminal.js';
import { runCli } from './run-cli.js';

refuseInspector();

// A reader that goes away (`bulkhead live | head`) does not end a broadcast.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

void runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  signals: process,
  ask: process.stdin.isTTY && process.stderr.isTTY ? askOnTerminal : undefined,
  corePath: fileURLToPath(new URL('core.cjs', import.meta.url)),
}).then((code) => {
  process.exitCode = code;
});
