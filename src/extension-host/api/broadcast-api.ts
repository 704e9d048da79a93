import type { ProposedBroadcast } from '@bulkhead/extension-api/proposed';
import type { ApiTarget, PluginServices } from '../plugin-services.js';
import { apiEvent } from './api-event.js';

/** The namespace `broadcast` of one plugin. */
export function createBroadcastApi(target: () => ApiTarget): ProposedBroadcast {
  const broadcast = (): PluginServices['broadcast'] => target().services.broadcast;
  return Object.freeze<ProposedBroadcast>({
    get state() {
      return broadcast().status.state;
    },
    get stats() {
      return broadcast().status.stats;
    },
    get status() {
      return broadcast().status;
    },
    start: async () => {
      const { scope, services } = target();
      await services.broadcast.start(scope);
    },
    stop: async () => {
      const { scope, services } = target();
      await services.broadcast.stop(scope);
    },
    get target() {
      return broadcast().target;
    },
    onDidChangeTarget: apiEvent(target, 'broadcast.onDidChangeTarget', () => broadcast().onDidChangeTarget),
    get markers() {
      return broadcast().markers;
    },
    addMarker: async (label) => {
      const { scope, services } = target();
      return services.broadcast.addMarker(scope, label);
    },
    onDidAddMarker: apiEvent(target, 'broadcast.onDidAddMarker', () => broadcast().onDidAddMarker),
    onDidSplice: apiEvent(target, 'broadcast.onDidSplice', ({ scope, services }) => {
      scope.checkProposal('broadcastSplices');
      return services.broadcast.onDidSplice;
    }),
    onDidChangeState: apiEvent(target, 'broadcast.onDidChangeState', () => broadcast().onDidChangeState),
    onDidStart: apiEvent(target, 'broadcast.onDidStart', () => broadcast().onDidStart),
    onDidStop: apiEvent(target, 'broadcast.onDidStop', () => broadcast().onDidStop),
    onDidUpdateStats: apiEvent(target, 'broadcast.onDidUpdateStats', () => broadcast().onDidUpdateStats),
  });
}
