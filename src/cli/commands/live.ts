import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { CliContext } from '../cli-context.js';
import { type CoreArguments, CoreProcess } from '../core-process.js';
import type { LiveOptions } from '../options.js';
import { defaultLogFile } from '../options.js';
import { survivingDefects } from '../report-failure.js';
import { StopSignals } from '../stop-signals.js';

/** `bulkhead live`. Resolves with the exit code when the broadcast, or in `attach` mode its display, has ended. */
export async function live(
  configFile: string | undefined,
  options: LiveOptions,
  context: CliContext,
): Promise<number> {
  const mode = options.mode ?? (options.isolate === undefined ? 'spawn' : 'hybrid');
  if ((mode === 'hybrid') !== (options.isolate !== undefined)) {
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      mode === 'hybrid'
        ? '--mode hybrid needs a part to isolate'
        : `--isolate cannot be used with --mode ${mode}`,
      { remedy: 'Give --mode hybrid with --isolate plugins or --isolate encoder.' },
    );
  }
  if (mode === 'attach') {
    const { runAttached } = await import('../live/attached-broadcast.js');
    return runAttached(configFile, options, context);
  }
  const coreArguments: CoreArguments = {
    address: options.address,
    mode,
    isolate: options.isolate,
    logLevel: options.logLevel,
    logFile: options.logFile ?? defaultLogFile(),
  };
  const startCore = () => new CoreProcess(context.corePath, coreArguments, context.env);
  const signals = new StopSignals(context);
  // The core ends with this process.
  const defects = survivingDefects(context.stderr);
  // Started before anything else is loaded or checked, to save time; it is ended if there is an error.
  const core = startCore();
  try {
    const { runOwned } = await import('../live/owned-broadcast.js');
    return await runOwned({ core, startCore, configFile, options, context, signals });
  } finally {
    await core.end();
    signals.dispose();
    defects.dispose();
  }
}
