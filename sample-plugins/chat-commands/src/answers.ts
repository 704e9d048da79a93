import { type BroadcastStatus, l10n } from '@bulkhead/extension-api';

export interface AnswersOptions {
  readonly status: () => BroadcastStatus;
  /** The streamer's own commands, each `!name = answer`. */
  readonly own: readonly string[];
  /** How long a repeated question of the same person is not answered, ms. */
  readonly cooldownMs: number;
  readonly now?: () => number;
}

/** Number of people whose last question is remembered. */
const MAX_REMEMBERED = 1000;

/** Answers commands in chat, at most once per person within the cooldown. */
export class Answers {
  private readonly commands = new Map<string, () => string>();
  /** When each person last asked each command; oldest first. */
  private readonly asked = new Map<string, number>();
  private readonly now: () => number;

  constructor(private readonly options: AnswersOptions) {
    this.now = options.now ?? Date.now;
    this.commands.set('!uptime', () => this.uptime());
    this.commands.set('!bitrate', () => this.bitrate());
    for (const line of options.own) {
      const [name, answer] = splitOnce(line, '=');
      if (/^![^\s=]+$/.test(name) && answer !== '') this.commands.set(name.toLowerCase(), () => answer);
    }
    this.commands.set('!commands', () => l10n.t('I know {0}.', [...this.commands.keys()].join(', ')));
  }

  /** The answer to a message, if it is a command. */
  to(nick: string, text: string): string | undefined {
    const name = text.trim().split(/\s/, 1)[0]?.toLowerCase() ?? '';
    const command = this.commands.get(name);
    return command !== undefined && this.mayAnswer(`${nick} ${name}`) ? command() : undefined;
  }

  private mayAnswer(question: string): boolean {
    const now = this.now();
    const last = this.asked.get(question);
    if (last !== undefined && now - last < this.options.cooldownMs) return false;
    this.asked.delete(question);
    this.asked.set(question, now);
    const [oldest] = this.asked.keys();
    if (this.asked.size > MAX_REMEMBERED && oldest !== undefined) this.asked.delete(oldest);
    return true;
  }

  private uptime(): string {
    const { state, uptimeMs } = this.options.status();
    if (state === 'idle') return l10n.t('The stream is not live.');
    const minutes = Math.floor(uptimeMs / 60_000);
    const hours = Math.floor(minutes / 60);
    return hours > 0
      ? l10n.t('Live for {0} h {1} min.', hours, minutes % 60)
      : l10n.t('Live for {0} min.', minutes);
  }

  private bitrate(): string {
    const { state, stats } = this.options.status();
    if (state === 'idle') return l10n.t('The stream is not live.');
    const dropped = stats.outputs.reduce((sum, output) => sum + output.droppedFrames, 0);
    const { bitrateKbps, fps } = stats.encoder;
    return l10n.t('{0} kbit/s at {1} fps, {2} dropped.', Math.round(bitrateKbps), Math.round(fps), dropped);
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
