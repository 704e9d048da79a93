import {
  broadcast,
  commands,
  configuration,
  type ExtensionContext,
  events,
  l10n,
  outputs,
  recording,
  replay,
  window,
} from '@bulkhead/extension-api';
import { HighlightList } from './highlight-list.js';

/** What `chat-replay.burst` is fired with. */
interface Burst {
  readonly messages: number;
}

export function activate(context: ExtensionContext): void {
  const status = window.createStatusItem('highlights');
  const list = new HighlightList();
  const lost = new Set<string>();

  /** A chapter here; also a line of the list, if people want to watch it. */
  const mark = async (title: string, isHighlight: boolean) => {
    const now = await recording.status();
    if (now?.state !== 'recording') {
      status.text = l10n.t('not recorded: {0}', title);
      return;
    }
    await recording.addChapter(title);
    if (!isHighlight) return;
    list.add(title, now.recordedMs - 1000 * configuration.get('leadSeconds', 10));
    status.text = l10n.t('{0} highlights', list.count);
  };
  /** The seconds before it as a file of their own, if they are kept. */
  const save = async (title: string) => {
    const seconds = configuration.get('replaySeconds', 0);
    const kept = seconds === 0 ? undefined : await replay.status();
    if (kept === undefined || kept.state === 'off') return;
    const { path } = await replay.save({ seconds, name: `${fileName(title)} {n}` });
    context.log.info('%s: %s', title, path);
  };
  const highlight = (title: string) => Promise.all([mark(title, true), save(title)]);
  const attempt = (done: Promise<unknown>) =>
    done.catch(({ message }: Error) => {
      status.text = message;
    });
  const begin = async () => {
    list.clear();
    lost.clear();
    const now = await recording.status();
    if (now === undefined && configuration.get('startRecording', false)) await recording.start();
    const seconds = configuration.get('replaySeconds', 0);
    if (seconds > 0 && (await replay.status()) === undefined) await replay.start(seconds);
  };

  context.subscriptions.push(
    status,
    commands.registerCommand('highlights.mark', async (title?: string) => {
      await highlight(title ?? l10n.t('Highlight'));
    }),
    commands.registerCommand('highlights.list', () => list.text),
    events.on<Burst>('chat-replay.burst', ({ messages }) =>
      attempt(highlight(l10n.t('Chat burst: {0} messages', messages))),
    ),
    outputs.onDidChangeState(({ id, to }) => {
      if (!configuration.get('lostOutputs', true)) return;
      if (to === 'reconnecting' && !lost.has(id)) {
        lost.add(id);
        void attempt(mark(l10n.t('{0} was lost', id), false));
      } else if (to === 'live' && lost.delete(id)) void attempt(mark(l10n.t('{0} is back', id), false));
    }),
    broadcast.onDidStart(() => attempt(begin())),
  );
  if (broadcast.state === 'live') void attempt(begin());
}

/** The title without what would be a folder or a part of a template. */
function fileName(title: string): string {
  return title.replace(/[/\\{}:]/g, ' ').trim();
}
