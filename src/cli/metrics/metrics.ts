import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions } from '../options.js';
import { StopSignals, whenAborted } from '../stop-signals.js';
import { serveMetrics } from './metrics-server.js';
import { metricsText } from './metrics-text.js';

/** `bulkhead metrics`: prints them, or serves them until a signal ends it. Another core may be at the address by then. */
export async function metrics(
  { address, host, port }: AddressOptions & { readonly host: string; readonly port?: number },
  context: CliContext,
): Promise<number> {
  if (port === undefined) {
    context.stdout.piece(metricsText(await statusAt(address)));
    return ExitCodes.ok;
  }
  const signals = new StopSignals(context);
  const server = await serveMetrics({ host, port }, () =>
    statusAt(address).then(metricsText, () => metricsText(undefined)),
  );
  try {
    context.stdout.line(`Metrics of the core at ${address}: ${server.url}`);
    await whenAborted(signals.requested, undefined);
    return ExitCodes.ok;
  } finally {
    signals.dispose();
    await server.close();
  }
}

async function statusAt(address: string) {
  const client = await ControlClient.connect(address);
  try {
    return await client.status();
  } finally {
    client.dispose();
  }
}
