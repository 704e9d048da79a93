import {
  audio,
  commands,
  configuration,
  type ExtensionContext,
  l10n,
  scenes,
  sources,
  window,
} from '@bulkhead/extension-api';
import { dueScene, parseSchedule } from './schedule.js';
import { SourceWatch } from './source-watch.js';

const LOOK_MS = 1000;

export async function activate(context: ExtensionContext): Promise<void> {
  const text = (key: string) => configuration.get<string>(key) ?? '';
  const number = (key: string) => configuration.get<number>(key) ?? 0;
  const status = window.createStatusItem('director');
  const newWatch = () =>
    new SourceWatch(1000 * number('silentSeconds'), 1000 * number('lostSeconds'), number('thresholdDb'));
  let cues = parseSchedule(configuration.get<string[]>('schedule') ?? []);
  let watch = newWatch();
  let onAir: string | undefined;
  /** The scene to go back to, while the fallback is on air because of the source. */
  let interrupted: string | undefined;
  let looked = new Date();

  const switchTo = async (scene: string, why: string) => {
    context.log.info('%s: %s', why, scene);
    status.text = why;
    await scenes.switchTo(scene).catch(({ message }: Error) => (status.text = `${why}: ${message}`));
  };

  const look = async () => {
    const now = new Date();
    const due = dueScene(cues, looked, now);
    looked = now;
    if (onAir === undefined) return;
    if (due !== undefined && interrupted !== undefined) interrupted = due;
    else if (due !== undefined) await switchTo(due, l10n.t('as scheduled'));
    const [source, fallback] = [text('source'), text('fallbackScene')];
    const problem = watch.problem(now.getTime());
    if (interrupted !== undefined && problem === undefined) {
      const back = interrupted;
      interrupted = undefined;
      await switchTo(back, l10n.t('{0} is back', source));
    } else if (fallback !== '' && problem !== undefined && interrupted === undefined && onAir !== fallback) {
      interrupted = onAir;
      const why = problem === 'lost' ? l10n.t('{0} is lost', source) : l10n.t('{0} is silent', source);
      await switchTo(fallback, why);
    }
  };

  const timer = setInterval(() => void look(), LOOK_MS);
  context.subscriptions.push(
    status,
    { dispose: () => clearInterval(timer) },
    configuration.onDidChange(() => {
      cues = parseSchedule(configuration.get<string[]>('schedule') ?? []);
      watch = newWatch();
    }),
    scenes.onDidSwitch(({ to }) => {
      onAir = to;
      // Somebody has chosen another scene, which stays.
      if (to !== text('fallbackScene')) interrupted = undefined;
      if (to === undefined) watch = newWatch();
    }),
    sources.onDidChangeState(({ id, to }) => id === text('source') && watch.noteState(to, Date.now())),
    audio.followLevels(LOOK_MS / 2, (levels) => {
      const level = levels.sources[text('source')];
      if (level !== undefined) watch.noteLevel(level.rmsDbfs, Date.now());
    }),
    commands.registerCommand('scene-director.scene', async (...words: unknown[]) => {
      // As it stands in chat: "!scene NAME".
      const [name] = words.join(' ').match(/(?<!\S)(?!!scene\b)\S+/) ?? [];
      if (name === undefined) {
        const ids = (await scenes.list()).map(({ id }) => id);
        return l10n.t('Scenes: {0}.', ids.join(', '));
      }
      await scenes.switchTo(name);
      return l10n.t('{0} is on air.', name);
    }),
  );
  // Without a broadcast there are none; one that begins later is an event.
  const all = await scenes.list().catch(() => []);
  onAir ??= all.find((scene) => scene.isOnAir)?.id;
}
