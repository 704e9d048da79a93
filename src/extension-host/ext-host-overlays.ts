import type { Overlay, OverlayOptions, OverlaySettings } from '@bulkhead/extension-api';
import {
  ChangeElementRequest,
  ChangeOverlayRequest,
  CreateOverlayRequest,
  DisposeOverlayRequest,
} from '../protocol/plugin-overlays.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** The overlays of this host's plugins. Its pair in the core is `MainThreadOverlays`. */
export class ExtHostOverlays {
  constructor(private readonly connection: RpcConnection) {}

  async create(
    scope: PluginScope,
    id: string,
    settings: OverlaySettings,
    { whenPluginFails }: OverlayOptions,
  ): Promise<Overlay> {
    scope.checkActive();
    if (typeof id !== 'string') throw new TypeError("an overlay's id is text");
    const { connection } = this;
    const plugin = scope.id;
    let exists = true;
    // Held at once, so that it is removed if the plugin ends before the answer.
    const { dispose } = scope.hold(
      {
        dispose: () => {
          // A closed connection has already removed it.
          if (exists) connection.sendRequest(DisposeOverlayRequest.type, { plugin, id }).catch(() => {});
          exists = false;
        },
      },
      `the overlay "${id}"`,
    );
    try {
      await connection.sendRequest(CreateOverlayRequest.type, {
        plugin,
        overlay: { ...settings, id },
        ...(whenPluginFails === undefined ? {} : { whenPluginFails }),
      });
    } catch (error) {
      // Another overlay may have the id.
      exists = false;
      dispose();
      throw error;
    }
    const set = async (change: object) => {
      scope.checkActive();
      await connection.sendRequest(ChangeOverlayRequest.type, { plugin, id, change: { ...change } });
    };
    return Object.freeze<Overlay>({
      id,
      set,
      setElement: async (element, change) => {
        scope.checkActive();
        const params = { plugin, overlay: id, id: String(element), change: { ...change } };
        await connection.sendRequest(ChangeElementRequest.type, params);
      },
      show: () => set({ visible: true }),
      hide: () => set({ visible: false }),
      dispose,
    });
  }
}
