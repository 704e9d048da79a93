import { resolve } from 'node:path';
import {
  configuration,
  type ExtensionContext,
  l10n,
  type OverlaySettings,
  overlays,
  window,
} from '@bulkhead/extension-api';
import { TitleFile, titleIn } from './title-file.js';

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  file: string;
  x: number;
  y: number;
  width: number;
  size: number;
  fadeMs: number;
}

export async function activate(context: ExtensionContext): Promise<void> {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('title');
  const place = (): OverlaySettings => ({
    ...{ x: settings.get('x'), y: settings.get('y'), width: settings.get('width') },
    ...{ height: 2 * settings.get('size'), fadeMs: settings.get('fadeMs') },
  });
  const path = () => resolve(context.storagePath, settings.get('file'));
  // Shown from the start: after a crash it takes the place of the one that is still on air.
  let shown = await titleIn(path()).catch(() => '');
  status.text = shown;
  const overlay = await overlays.create('title', {
    ...place(),
    visible: shown !== '',
    elements: [
      { id: 'back', type: 'box', radius: 8 },
      {
        ...{ id: 'text', type: 'text', text: shown, x: 16, size: settings.get('size') },
        ...{ wrap: false, verticalAlign: 'middle' },
      },
    ],
  });

  const onTitle = async (title: string) => {
    if (title === shown) return;
    // The title before fades out first; the next one fades in when the file is read again.
    const next = shown === '' ? title : '';
    if (next === '') await overlay.hide();
    else {
      await overlay.setElement('text', { text: next });
      await overlay.show();
    }
    shown = next;
    status.text = next;
  };
  const onProblem = (reason: string) => {
    status.text = l10n.t('not shown: {0}', reason);
  };
  const follow = () => {
    const file = new TitleFile(path(), { onTitle, onProblem });
    void file.follow();
    return file;
  };
  let file = follow();

  context.subscriptions.push(
    status,
    overlay,
    { dispose: () => file.dispose() },
    configuration.onDidChange(async (event) => {
      if (event.affectsConfiguration('file')) {
        file.dispose();
        file = follow();
      }
      await overlay.set(place());
      await overlay.setElement('text', { size: settings.get('size') });
    }),
  );
}
