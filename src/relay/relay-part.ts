import type { Duplex } from 'node:stream';
import type { PartModule } from '../process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  MAX_RELAY_SECRETS,
  parseRelaySecrets,
  RelayFinishNotification,
  type RelaySecrets,
  RelayStartRequest,
} from '../protocol/relay.js';
import { readLine } from '../rpc/read-line.js';
import { Relay } from './relay.js';
import type { RunningRelay } from './running-relay.js';
import { WhipRelay } from './whip/whip-relay.js';

/** How long the core may take to write the secrets, ms. */
const SECRETS_MS = 5000;

/** The relay process, as seen by `process-host`. */
export const relayPart: PartModule = {
  role: 'relay',
  initializeResult: { capabilities: {} },
  activate: ({ connection, frames }) => {
    if (frames === undefined) {
      throw new BulkheadError(
        ErrorCodes.processFailed,
        'The relay was started without a descriptor for media.',
        {
          where: 'relay',
        },
      );
    }
    let relay: RunningRelay | undefined;
    connection.onRequest(RelayStartRequest.type, async (params) => {
      const secrets = await readSecrets(frames);
      const { target } = params;
      relay =
        target.kind === 'whip'
          ? new WhipRelay(connection, frames, target)
          : new Relay(connection, frames, target);
      return relay.start(params, secrets);
    });
    connection.onNotification(RelayFinishNotification.type, () => relay?.expectEnd());
    return {
      dispose: () => {
        relay?.dispose();
        frames.destroy();
      },
    };
  },
};

async function readSecrets(media: Duplex): Promise<RelaySecrets> {
  const line = await readLine(media, SECRETS_MS, MAX_RELAY_SECRETS);
  if (line !== undefined) return parseRelaySecrets(line);
  throw new BulkheadError(ErrorCodes.processFailed, 'The core did not send what the relay needs.', {
    where: 'relay',
  });
}
