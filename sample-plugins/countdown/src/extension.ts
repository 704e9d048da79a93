import {
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  overlays,
  scenes,
  window,
} from '@bulkhead/extension-api';

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  text: string;
  endText: string;
  scene: string;
  x: number;
  y: number;
  size: number;
}

/** When it ends, ms since 1970: kept, so that it goes on after a crash. */
const UNTIL = 'until';
/** How long the text of its end stays, ms. */
const END_MS = 10_000;
const LONGEST_MINUTES = 24 * 60;

export async function activate(context: ExtensionContext): Promise<void> {
  const settings = configuration.typed<Settings>();
  const status = window.createStatusItem('countdown');
  const { x, y, size, text, endText } = {
    ...{ x: settings.get('x'), y: settings.get('y'), size: settings.get('size') },
    ...{ text: settings.get('text'), endText: settings.get('endText') },
  };
  const until = () => context.globalState.get(UNTIL, 0);
  const timerAt = (atMs: number) =>
    ({
      id: 'timer',
      type: 'timer',
      y: size,
      size,
      bold: true,
      until: new Date(atMs).toISOString(),
      endText,
    }) as const;
  const overlay = await overlays.create('countdown', {
    ...{ x, y, width: 12 * size, height: 3 * size, fadeMs: 300, visible: until() > Date.now() },
    elements: [{ id: 'text', type: 'text', text, size: size / 2 }, timerAt(until())],
  });
  let timer: NodeJS.Timeout | undefined;

  const stop = async () => {
    clearTimeout(timer);
    status.text = '';
    await context.globalState.update(UNTIL, undefined);
    await overlay.hide();
  };
  const end = async () => {
    const scene = settings.get('scene');
    status.text = l10n.t('over');
    timer = setTimeout(() => void stop(), END_MS);
    if (scene !== '') await scenes.switchTo(scene).catch(({ message }: Error) => (status.text = message));
  };
  const run = (atMs: number) => {
    clearTimeout(timer);
    status.text = l10n.t('until {0}', clock(atMs));
    timer = setTimeout(() => void end(), atMs - Date.now());
  };
  if (until() > Date.now()) run(until());

  context.subscriptions.push(
    status,
    overlay,
    { dispose: () => clearTimeout(timer) },
    commands.registerCommand('countdown.start', async (when?: unknown) => {
      const atMs = timeOf(String(when ?? ''), new Date());
      await context.globalState.update(UNTIL, atMs);
      await overlay.set({ elements: [{ id: 'text', type: 'text', text, size: size / 2 }, timerAt(atMs)] });
      await overlay.show();
      run(atMs);
      return l10n.t('Counting down to {0}.', clock(atMs));
    }),
    commands.registerCommand('countdown.stop', stop),
  );
}

/** When it ends, ms since 1970. @throws An error for what is neither minutes nor a time of day */
function timeOf(when: string, now: Date): number {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(when) ?? [];
  if (Number(hours) < 24 && Number(minutes) < 60) {
    const time = new Date(now);
    time.setHours(Number(hours), Number(minutes), 0, 0);
    if (time <= now) time.setDate(time.getDate() + 1);
    return time.getTime();
  }
  if (Number(when) > 0 && Number(when) <= LONGEST_MINUTES) return now.getTime() + 60_000 * Number(when);
  throw new Error(l10n.t('expected minutes, or a time such as 20:30, got "{0}"', when));
}

function clock(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB');
}
