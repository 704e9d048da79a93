import { broadcast, commands, configuration, type ExtensionContext, window } from '@bulkhead/extension-api';

interface Settings {
  greeting: string;
}

/** Marks moments worth a clip, and counts them from one run to the next. */
export function activate(context: ExtensionContext): void {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('count');
  const show = () => {
    status.text = `${context.globalState.get('clips', 0)} clips so far`;
  };
  show();

  context.subscriptions.push(
    status,
    broadcast.onDidStart(() => window.showInformationMessage(settings.get('greeting'))),
    commands.registerCommand('clip-marker.mark', async (label: string) => {
      const marker = await broadcast.addMarker(label);
      await context.globalState.update('clips', context.globalState.get('clips', 0) + 1);
      show();
      return `Marked "${marker.label}", clip ${context.globalState.get('clips', 0)}.`;
    }),
    commands.registerCommand('clip-marker.crash', () => {
      setTimeout(() => {
        throw new Error('crashed on purpose');
      });
    }),
  );
}
