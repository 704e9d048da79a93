/** A value that is put into a text. */
export type L10nArgument = string | number | boolean;

/** A text with what it needs to be translated. */
export interface L10nMessage {
  /** In English. */
  readonly message: string;
  /** What `{0}`, `{1}` … or `{name}` in it stand for. */
  readonly args?: readonly L10nArgument[] | Readonly<Record<string, L10nArgument>>;
  /**
   * For translators. It is part of the key in the bundle, `message/comment`, so that one word can be translated in several ways. Several
   * comments are joined.
   */
  readonly comment: string | readonly string[];
}

/**
 * The texts of the plugin's code in the streamer's language, as in VS Code. They are in files of the folder that `l10n` in `package.json` names, such as
 * `l10n/bundle.l10n.zh-cn.json`: an object of translations by the English texts. Texts of the manifest are in `package.nls.json`.
 */
export interface L10n {
  /**
   * Translates a text; without a translation it is the text itself.
   *
   * @example
   * ```ts
   * await window.showInformationMessage(l10n.t('Hello {0}, you are on air.', name));
   * status.text = l10n.t('{count} new followers', { count: 3 });
   * ```
   *
   * @param message In English, with `{0}`, `{1}` … where arguments are put in.
   */
  t(message: string, ...args: readonly L10nArgument[]): string;
  /** Translates a text with arguments that have names, `{name}`. */
  t(message: string, args: Readonly<Record<string, L10nArgument>>): string;
  /**
   * Translates a text with a comment for translators.
   *
   * @example
   * ```ts
   * l10n.t({ message: 'Live', comment: 'The state of a stream, shown in one word' });
   * ```
   */
  t(message: L10nMessage): string;
  /** The translations in use by their keys; `undefined` where there are none for the language, as for English. */
  readonly bundle: Readonly<Record<string, string>> | undefined;
}
