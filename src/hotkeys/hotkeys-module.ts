import type { Disposable } from 'vscode-jsonrpc';
import type { PartContext, PartModule } from '../process-host/part-module.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { ExitCodes } from '../protocol/exit-codes.js';
import { HotkeyPressedNotification, SetHotkeysRequest } from '../protocol/hotkeys.js';
import { XHotkeys } from './x-hotkeys.js';

/** Global hotkeys as a part: in a process of its own, since a display server is no more trusted than any other program. */
export class HotkeysModule implements PartModule {
  readonly role = 'hotkeys';
  readonly initializeResult = { capabilities: {} };

  activate({ connection, exit }: PartContext): Disposable {
    let opening: Promise<XHotkeys> | undefined;
    let disposed = false;
    connection.onRequest(SetHotkeysRequest.type, async ({ keys }) => {
      opening ??= open({
        onPress: (key) => connection.sendNotification(HotkeyPressedNotification.type, { key }),
        // Another process finds the display again.
        onLost: () => {
          if (!disposed) exit(ExitCodes.crash);
        },
      });
      const hotkeys = await opening;
      return { failed: await hotkeys.set(keys) };
    });
    return {
      dispose: () => {
        disposed = true;
        opening?.then((hotkeys) => hotkeys.dispose()).catch(() => {});
      },
    };
  }
}

async function open(events: {
  readonly onPress: (key: string) => void;
  readonly onLost: (error: Error) => void;
}): Promise<XHotkeys> {
  const display = process.env['DISPLAY'] ?? '';
  try {
    if (display === '') throw new Error('there is no X display: DISPLAY is not set');
    let isOpen = false;
    const onLost = (error: Error) => {
      if (isOpen) events.onLost(error);
    };
    const hotkeys = await XHotkeys.open({ display, onPress: events.onPress, onLost });
    isOpen = true;
    return hotkeys;
  } catch (error) {
    throw new BulkheadError(ErrorCodes.platformUnsupported, (error as Error).message, {
      where: display,
      remedy: 'See "bulkhead doctor".',
    });
  }
}
