import { broadcast, commands, configuration, type ExtensionContext, window } from '@bulkhead/extension-api';

/** Declared in `contributes.configuration` in package.json. */
interface Settings {
  greeting: string;
}

/** Called when Bulkhead starts, and again in a new process if this one ends. */
export function activate(context: ExtensionContext): void {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('count');
  const count = () => context.globalState.get('broadcasts', 0);
  const show = () => {
    status.text = count() === 0 ? '' : `${count()} so far`;
  };
  show();

  // Everything in `subscriptions` is disposed of when the plugin ends.
  context.subscriptions.push(
    status,
    broadcast.onDidStart(async () => {
      await context.globalState.update('broadcasts', count() + 1);
      show();
      context.log.info('broadcast number %d is live', count());
      await window.showInformationMessage(`${settings.get('greeting')} Broadcast number ${count()}.`);
    }),
    commands.registerCommand('{{command}}.count', () => count()),
  );
}
