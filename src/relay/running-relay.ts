import type { Disposable } from 'vscode-jsonrpc';
import type { RelaySecrets, RelayStarted, RelayStartParams } from '../protocol/relay.js';

/** What relays one stream. */
export interface RunningRelay extends Disposable {
  /** @throws BulkheadError */
  start(params: RelayStartParams, secrets: RelaySecrets): Promise<RelayStarted>;
  /** What comes now is the last. */
  expectEnd(): void;
}
