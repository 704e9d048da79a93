import {
  type AudioLevels,
  audio,
  broadcast,
  configuration,
  type ExtensionContext,
  l10n,
  sources,
  window,
} from '@bulkhead/extension-api';
import { barOf, drawBars } from './bars.js';
import { type LevelMeter, updateMeters } from './level-meter.js';

const INTERVAL_MS = 100;

/** `contributes.configuration` in package.json declares them. */
interface Settings {
  source: string;
  width: number;
  height: number;
}

export function activate(context: ExtensionContext): void {
  const settings = configuration.typed<Settings>();
  /** As `sources.sendFrame` takes it, pixels. */
  const side = (pixels: number) => Math.min(1920, Math.max(2, 2 * Math.floor(pixels / 2)));
  const status = window.createStatusItem('meters');
  const meters = new Map<string, LevelMeter>();
  /** The source that shows the meters; undefined before it was looked for in this broadcast. */
  let target: { readonly id: string; isOpen: boolean; drawn?: string | undefined } | undefined;
  let isBusy = false;

  const find = async () => {
    const found = { id: settings.get('source'), isOpen: false };
    target = found;
    const known = (await sources.list()).find(({ id }) => id === found.id);
    if (known !== undefined) found.isOpen = known.state !== 'cold';
    else await sources.add({ id: found.id, type: 'plugin', plugin: context.extension.id });
  };
  const show = async (shown: NonNullable<typeof target>) => {
    const [width, height] = [side(settings.get('width')), side(settings.get('height'))];
    // Another scene must not change their order.
    const sorted = [...meters].sort(([a], [b]) => (a < b ? -1 : 1));
    status.text = sorted.map(([id]) => id).join(', ');
    const bars = sorted.map(([, meter]) => barOf(meter, width));
    const drawn = bars.join(' ');
    if (drawn === shown.drawn) return;
    shown.drawn = drawn;
    await sources.sendFrame(shown.id, { width, height, rgba: drawBars(bars, width, height) });
  };
  const onLevels = async (levels: AudioLevels) => {
    updateMeters(meters, levels, performance.now());
    if (isBusy) return;
    isBusy = true;
    try {
      if (target === undefined) await find();
      else if (target.isOpen) await show(target);
    } catch (error) {
      if (target === undefined) return;
      // Until it is opened again: the streamer may have removed it.
      target.isOpen = false;
      const { message } = error as Error;
      status.text = l10n.t('not shown: {0}', message);
      context.log.warn(message);
    } finally {
      isBusy = false;
    }
  };
  const reset = () => {
    target = undefined;
    status.text = '';
  };

  context.subscriptions.push(
    status,
    audio.followLevels(INTERVAL_MS, onLevels),
    sources.onDidChangeState(({ id, to }) => {
      if (id !== target?.id) return;
      target.isOpen = to !== 'cold';
      if (to === 'cold') status.text = '';
      // What it was sent while it was not open was dropped.
      if (to !== 'live') target.drawn = undefined;
    }),
    // The end of a broadcast changes the state of no source.
    broadcast.onDidChangeState((state) => {
      if (state !== 'live' && state !== 'reconnecting') reset();
    }),
    configuration.onDidChange(reset),
  );
}
