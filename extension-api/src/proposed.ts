/**
 * Proposed APIs: not stable yet. They may change or be removed with any minor version.
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

/** The stream continued with another encoder. Part of the proposal `broadcastSplices`. */
export interface BroadcastSplice {
  /** How long viewers received nothing new before it, ms. */
  readonly gapMs: number;
  /** Position in the stream where the new encoder begins, ms from its start. */
  readonly timestampMs: number;
}

/** {@link Broadcast} with its proposed members. */
export interface ProposedBroadcast extends Broadcast {
  /**
   * Fires as soon as the stream continues with another encoder; `stats.splices` is updated up to a second later.
   * Proposal `broadcastSplices`.
   *
   * @example
   * ```ts
   * import { broadcast } from '@bulkhead/extension-api/proposed';
   *
   * broadcast.onDidSplice(({ gapMs }) => context.log.info('viewers saw a gap of %d ms', gapMs));
   * ```
   *
   * @throws An error with the code `permission.denied` if the plugin may not use the proposal; the message says what to do.
   */
  readonly onDidSplice: Event<BroadcastSplice>;
}

/** The API with all proposals. */
export interface ProposedApi extends ExtensionApi {
  /** See {@link ProposedBroadcast}. */
  readonly broadcast: ProposedBroadcast;
}

const api = currentApi() as ProposedApi;

/** The broadcast, with its proposed members. */
export const broadcast: ProposedBroadcast = api.broadcast;
