import type { PartModule } from '../process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { RelayFinishNotification, RelayStartRequest } from '../protocol/relay.js';
import { Relay } from './relay.js';

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
    const relay = new Relay(connection, frames);
    connection.onRequest(RelayStartRequest.type, (params) => relay.start(params));
    connection.onNotification(RelayFinishNotification.type, () => relay.expectEnd());
    return relay;
  },
};
