import { commands, type ExtensionContext, l10n, window } from '@bulkhead/extension-api';

const SECONDS = 3;
/** Number of concurrent calls. */
const IN_FLIGHT = 100;

/** Calls the core as fast as it answers. Returns the number of calls. */
export async function flood(seconds = SECONDS): Promise<string> {
  const until = Date.now() + seconds * 1000;
  let calls = 0;
  let refused = 0;
  const caller = async () => {
    while (Date.now() < until) {
      calls += 1;
      await commands.getCommands().catch(() => {
        refused += 1;
      });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return l10n.t('{0} calls in {1} s, {2} of them refused.', calls, seconds, refused);
}

/** Logs and shows messages as fast as possible, yielding to the event loop from time to time. */
export async function shout(context: ExtensionContext, seconds = SECONDS): Promise<string> {
  const until = Date.now() + seconds * 1000;
  let said = 0;
  while (Date.now() < until) {
    for (let i = 0; i < 1000; i++) {
      said += 1;
      context.log.info('line %d of a flood', said);
      void window.showInformationMessage(l10n.t('message {0} of a flood', said));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return l10n.t('{0} lines and as many messages in {1} s.', said, seconds);
}
