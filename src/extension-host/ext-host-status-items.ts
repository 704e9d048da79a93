import type { StatusItem } from '@bulkhead/extension-api';
import { OpenStatusItemRequest, StatusItemNotification } from '../protocol/plugin-status-items.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** The status items of this host's plugins. Its pair in the core is `MainThreadStatusItems`. */
export class ExtHostStatusItems {
  constructor(private readonly connection: RpcConnection) {}

  createStatusItem(scope: PluginScope, id: string): StatusItem {
    scope.checkActive();
    const { connection } = this;
    const plugin = scope.id;
    let text = '';
    let open = true;
    const show = (next: string) => {
      if (next === text) return;
      text = next;
      connection.sendNotification(StatusItemNotification.type, { plugin, id, text });
    };
    const opened = connection.sendRequest(OpenStatusItemRequest.type, { plugin, id });
    scope.track(`the status item "${id}"`, opened);
    const { dispose } = scope.hold(
      {
        dispose: () => {
          show('');
          open = false;
        },
      },
      `the status item "${id}"`,
    );
    return Object.freeze<StatusItem>({
      id,
      get text() {
        return text;
      },
      set text(next) {
        if (open) show(String(next));
      },
      dispose,
    });
  }
}
