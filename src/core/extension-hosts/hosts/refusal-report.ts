import type { Combination } from '../../../plugins/combine-plugins.js';
import type { SettingMistake } from '../../../plugins/settings.js';
import type { Log } from '../../log/log.js';
import type { NoticeSink } from '../../streamer/notice-sink.js';

/**
 * Reports which plugins are not running, and why, and what in them is ignored: once, and again only if that changed in between.
 */
export class RefusalReport {
  private reported: ReadonlySet<string> = new Set();

  constructor(
    private readonly log: Log,
    private readonly notices: NoticeSink,
  ) {}

  /** @param mistakes Errors in the settings of plugins that run with their valid settings. */
  report({ plugins, refused, shadowed }: Combination, mistakes: readonly SettingMistake[]): void {
    const reported = new Set<string>();
    const once = (message: string, write: () => void) => {
      if (!this.reported.has(message)) write();
      reported.add(message);
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
    for (const { id, warnings } of plugins) {
      for (const warning of warnings) {
        const message = `the plugin "${id}": ${warning}`;
        once(message, () => this.log.warn(message));
      }
    }
    this.reported = reported;
  }
}
