/**
 * Proposed APIs: not promised yet. They may change or go with any minor version.
 *
 * A plugin names those that it uses in `enabledApiProposals` of its `package.json`. They work while it is in development
 * (`bulkhead plugin dev`), and for streamers who allow them in their configuration.
 *
 * @packageDocumentation
 */
import type { ExtensionApi } from './api.js';
import type { Broadcast } from './broadcast.js';
import type { Event } from './lifecycle.js';
import { currentApi } from './runtime.js';

/** The stream went on with another encoder. Part of the proposal `broadcastSplices`. */
export interface BroadcastSplice {
  /** How long viewers got nothing new before it, ms. */
  readonly gapMs: number;
  /** Where in the stream the new encoder begins, ms from its start. */
  readonly timestampMs: number;
}

/** {@link Broadcast} with what is proposed for it. */
export interface ProposedBroadcast extends Broadcast {
  /**
   * Fires as soon as the stream goes on with another encoder; `stats.splices` tells the same up to a second later.
   * Proposal `broadcastSplices`.
   *
   * @example
   * ```ts
   * import { broadcast } from '@bulkhead/extension-api/proposed';
   *
   * broadcast.onDidSplice(({ gapMs }) => context.log.info('viewers saw a gap of %d ms', gapMs));
   * ```
   *
   * @throws An error with the code `permission.denied` when the plugin may not use the proposal; it says what to do.
   */
  readonly onDidSplice: Event<BroadcastSplice>;
}

/** The API with everything that is proposed. */
export interface ProposedApi extends ExtensionApi {
  readonly broadcast: ProposedBroadcast;
}

/** The broadcast, with what is proposed for it. */
export const broadcast: ProposedBroadcast = (currentApi() as ProposedApi).broadcast;
