import { fileURLToPath } from 'node:url';
import { endSignals, refuseInspector } from '../base/process-signals.js';
import { askHidden, askOnTerminal } from './ask-on-terminal.js';
import { readInput } from './read-input.js';
import { runCli } from './run-cli.js';
import { Printer } from './terminal/printer.js';

// Addresses on the command line may contain a stream key: hide them from the process list.
process.title = ['bulkhead', ...process.argv.slice(2, 3).filter((word) => /^[a-z]+$/.test(word))].join(' ');
refuseInspector();

// A reader that exits (`bulkhead live | head`) must not end a broadcast.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

void runCli(process.argv.slice(2), {
  stdout: new Printer(process.stdout, process.env),
  stderr: new Printer(process.stderr, process.env),
  cwd: process.cwd(),
  env: process.env,
  platform: process.platform,
  signals: process,
  endSignals: endSignals(),
  ask: process.stdin.isTTY && process.stderr.isTTY ? askOnTerminal : undefined,
  askHidden: process.stdin.isTTY ? askHidden : undefined,
  readInput,
  corePath: fileURLToPath(new URL('core.cjs', import.meta.url)),
}).then((code) => {
  process.exitCode = code;
});
