import { commands, configuration, Disposable, type ExtensionContext, window } from '@bulkhead/extension-api';

export { upgrades } from './upgrades.js';

/** Shows the first line of a page in Bulkhead's status, again and again. */
export function activate(context: ExtensionContext): void {
  const item = window.createStatusItem('headline');
  const shown = () => context.globalState.get('timesShown', 0);

  const show = async () => {
    const response = await fetch(configuration.get('address', ''));
    const [headline = ''] = (await response.text()).split('\n');
    item.text = headline;
    await context.globalState.update('timesShown', shown() + 1);
    return headline;
  };

  const timer = setInterval(
    () => show().catch((error) => context.log.warn('not shown: %s', error)),
    configuration.get('everyMs', 60_000),
  );
  context.subscriptions.push(
    item,
    new Disposable(() => clearInterval(timer)),
    commands.registerCommand('headline.show', show),
    commands.registerCommand('headline.shown', shown),
  );
}
