import { BulkheadError, ErrorCodes } from './errors.js';

/**
 * Parts of the API that are not stable yet, and the call or namespace that each is about. Their types are in
 * `@bulkhead/extension-api/proposed`.
 */
export const API_PROPOSALS = {
  broadcastSplices: 'broadcast.onDidSplice',
} as const;

export type ApiProposal = keyof typeof API_PROPOSALS;

export const API_PROPOSAL_NAMES = Object.keys(API_PROPOSALS) as [ApiProposal, ...ApiProposal[]];

/** What is known of a plugin's use of proposed APIs. */
export interface ProposalUse {
  readonly id: string;
  /** Those that its manifest names. */
  readonly enabledApiProposals: readonly ApiProposal[];
  /** Those that it may use. */
  readonly apiProposals: readonly ApiProposal[];
}

/** @throws `permission.denied`, with what to do, if the plugin may not use the proposed API. */
export function requireProposal(plugin: ProposalUse, proposal: ApiProposal): void {
  const { id, apiProposals, enabledApiProposals } = plugin;
  if (apiProposals.includes(proposal)) return;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `${API_PROPOSALS[proposal]} is a proposed API, which the plugin "${id}" may not use. ` +
      (enabledApiProposals.includes(proposal)
        ? `It works in "bulkhead plugin dev", or once the streamer sets "allowApiProposals": { "${id}": ["${proposal}"] }.`
        : `Add "${proposal}" to "enabledApiProposals" in its package.json.`),
    { where: id },
  );
}
