/**
 * Parts of the API that are not stable yet, and the call that each is about. Their types are in
 * `@bulkhead/extension-api/proposed`.
 */
export const API_PROPOSALS = {
  broadcastSplices: 'broadcast.onDidSplice',
} as const;

export type ApiProposal = keyof typeof API_PROPOSALS;

export const API_PROPOSAL_NAMES = Object.keys(API_PROPOSALS) as [ApiProposal, ...ApiProposal[]];
