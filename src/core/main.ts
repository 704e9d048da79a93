import { Socket } from 'node:net';
import { inspect } from 'node:util';
import { printableLines } from '../base/printable.js';
import { refuseInspector } from '../base/process-signals.js';
import { BulkheadError } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { version } from '../version.js';
import { parseCoreOptions } from './core-options.js';
import { probeIsolation } from './extension-hosts/isolation/isolation.js';
import { AheadLauncher } from './processes/ahead-launcher.js';
import { closeInheritedDescriptors } from './processes/inherited-descriptors.js';
import { startOrphanGuard } from './processes/orphan-guard.js';
import { ProcessLauncher } from './processes/process-launcher.js';

/** The parent's control channel in `spawn` and `hybrid` mode. */
const PARENT_FD = 3;

refuseInspector();
closeInheritedDescriptors();
// The parent reads these; when it exits they break, which must not end the core in `attach` mode.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

async function main(): Promise<number> {
  try {
    const options = parseCoreOptions(process.argv.slice(2), version);
    const parent = options.mode === 'attach' ? undefined : new Socket({ fd: PARENT_FD });
    // The encoder's process is started before the rest of the core is loaded, since the first frame waits for it.
    const encoder =
      options.isolate === 'plugins' ? undefined : new AheadLauncher(new ProcessLauncher('encoder'));
    startOrphanGuard();
    const isolation = options.isolate === 'encoder' ? undefined : probeIsolation();
    const { runCore } = await import('./core.js');
    await runCore(options, parent, { encoder, isolation });
    return ExitCodes.ok;
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error;
    console.error(error.sentence);
    return ExitCodes.badSettings;
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(printableLines(inspect(error)));
    process.exit(ExitCodes.crash);
  },
);
