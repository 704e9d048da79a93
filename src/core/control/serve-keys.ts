import * as z from '../../base/zod.js';
import { MOST_KEY } from '../../keys/keystroke.js';
import {
  type KeyManagement,
  ListContextRequest,
  ListKeybindingsRequest,
  PressKeyRequest,
} from '../../protocol/keybindings.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';

const Nothing = z.object({});
const Press = z.object({ key: z.string().min(1).max(MOST_KEY) });

/** Serves keys and what their conditions are about to one client of the control API. */
export function serveKeys(channel: CheckedChannel, keys: KeyManagement): void {
  channel.serve(ListKeybindingsRequest.type, Nothing, () => keys.list());
  channel.serve(PressKeyRequest.type, Press, (params) => keys.press(params));
  channel.serve(ListContextRequest.type, Nothing, () => keys.context());
}
