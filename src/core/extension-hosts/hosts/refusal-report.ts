import type { Combination } from '../../../plugins/combine-plugins.js';
import type { SettingMistake } from '../../../plugins/settings.js';
import type { Log } from '../../log/log.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';

/** Says which plugins do not run, and why: once, and again only when it was otherwise in between. */
export class RefusalReport {
  private told: ReadonlySet<string> = new Set();

  constructor(
    private readonly log: Log,
    private readonly notices: NoticeSink,
  ) {}

  /** @param mistakes In the settings of plugins that run all the same, with what is right of them. */
  tell(
    { refused, shadowed }: Pick<Combination, 'refused' | 'shadowed'>,
    mistakes: readonly SettingMistake[],
  ): void {
    const told = new Set<string>();
    const once = (message: string, say: () => void) => {
      if (!this.told.has(message)) say();
      told.add(message);
    };
    for (const { plugin, errors } of refused) {
      for (const error of errors) {
        const message = `the plugin "${plugin.id}" is not running: ${error.message}`;
        once(message, () => {
          this.log.error(message);
          this.notices.notice({ severity: 'error', source: plugin.id, message });
        });
      }
    }
    for (const { id, path } of shadowed) {
      const message = `the plugin "${id}" in ${path} is not running: another one does in its place, with what is stored for that id`;
      once(message, () => this.log.info(message));
    }
    for (const { message } of mistakes) once(message, () => this.log.warn(message));
    this.told = told;
  }
}
