import type { Disposable } from 'vscode-jsonrpc';
import type { PartModule } from '../process-host/part-module.js';
import { type SetGateDoorsParams, SetGateDoorsRequest } from '../protocol/network-gate.js';
import { parseNetworkScope } from '../protocol/permissions/network-scope.js';
import { Door } from './door.js';

/** The network gate. Its process's working folder is the one that holds those of the doors. */
export const networkGatePart: PartModule = {
  role: 'network-gate',
  initializeResult: { capabilities: {} },
  activate: ({ connection }) => {
    const gate = new NetworkGate();
    connection.onRequest(SetGateDoorsRequest.type, (params) => gate.set(params));
    return gate;
  },
};

class NetworkGate implements Disposable {
  private readonly doors = new Map<string, Door>();

  async set({ doors }: SetGateDoorsParams): Promise<null> {
    for (const [folder, door] of this.doors) {
      if (doors.some((wanted) => wanted.folder === folder)) continue;
      this.doors.delete(folder);
      door.dispose();
    }
    for (const { folder, scopes } of doors) {
      // Relative to the working folder, since a socket's path may have 107 bytes only.
      const door = this.doors.get(folder) ?? new Door(folder);
      this.doors.set(folder, door);
      door.setScopes(scopes.map(parseNetworkScope));
    }
    await Promise.all([...this.doors.values()].map((door) => door.opened));
    return null;
  }

  dispose(): void {
    for (const door of this.doors.values()) door.dispose();
  }
}
