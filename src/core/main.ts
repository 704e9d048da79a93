import 'reflect-metadata';
import { Socket } from 'node:net';
import { BulkheadError } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { version } from '../version.js';
import { runCore } from './core.js';
import { parseCoreOptions } from './core-options.js';

/** The parent's control channel in `spawn` and `hybrid` mode. */
const PARENT_FD = 3;

// A plugin must not be able to open the core's inspector.
process.on('SIGUSR1', () => {});
// The parent reads these; when it is gone they break, and that is no reason to go off air in `attach` mode.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

async function main(): Promise<number> {
  try {
    const options = parseCoreOptions(process.argv.slice(2), version);
    const parent = options.mode === 'attach' ? undefined : new Socket({ fd: PARENT_FD });
    await runCore(options, parent);
    return ExitCodes.ok;
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error;
    console.error(error.sentence);
    return ExitCodes.badSettings;
  }
}

void main().then((code) => process.exit(code));
