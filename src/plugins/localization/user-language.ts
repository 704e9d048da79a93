import { languageOf, normalizeLanguage } from '../../base/language.js';

/** The language of this process's user: that of the system, unless the configuration says otherwise. */
class UserLanguage {
  private system: string | undefined;
  private setting: string | undefined;

  /** Such as `zh-cn`. */
  get current(): string {
    this.system ??= languageOf(process.env);
    return this.setting ?? this.system;
  }

  /**
   * @param setting as in the configuration; undefined for the system's
   * @returns whether that is another language than before
   */
  use(setting: string | undefined): boolean {
    const before = this.current;
    this.setting = setting === undefined ? undefined : normalizeLanguage(setting);
    return this.current !== before;
  }
}

/** There is one of each process, as there is one locale. */
export const userLanguage = new UserLanguage();
