/** What a plugin declares for the streamer to set. */
export type DeclaredSetting = SettingDeclaration | SecretSetting;

/**
 * How a plugin declares a setting: the part of JSON Schema that VS Code's `contributes.configuration` uses. Items of lists and
 * members of objects are declared in the same way.
 */
export type SettingDeclaration = TextSetting | NumberSetting | SwitchSetting | ListSetting | ObjectSetting;

interface Described {
  /** Its name for the streamer. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The same in Markdown, for tools that show it. */
  readonly markdownDescription?: string | undefined;
  /** Its place among the plugin's settings: lower numbers first, those without one last. */
  readonly order?: number | undefined;
}

/** A password or a token: it has no value in the configuration, but is entered on its own and kept with the plugin's secrets. */
export interface SecretSetting extends Described {
  readonly type: 'secret';
}

export interface TextSetting extends Described {
  readonly type: 'string';
  readonly enum?: readonly string[] | undefined;
  /** One for each value of `enum`. */
  readonly enumDescriptions?: readonly string[] | undefined;
  /** A regular expression that some part of the text has to match. */
  readonly pattern?: string | undefined;
  /** What the streamer reads about text that does not match. */
  readonly patternErrorMessage?: string | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly default?: string | undefined;
}

export interface NumberSetting extends Described {
  readonly type: 'number' | 'integer';
  readonly enum?: readonly number[] | undefined;
  readonly enumDescriptions?: readonly string[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly default?: number | undefined;
}

export interface SwitchSetting extends Described {
  readonly type: 'boolean';
  readonly default?: boolean | undefined;
}

export interface ListSetting extends Described {
  readonly type: 'array';
  /** Any, if it is absent. */
  readonly items?: SettingDeclaration | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly uniqueItems?: boolean | undefined;
  readonly default?: readonly unknown[] | undefined;
}

export interface ObjectSetting extends Described {
  readonly type: 'object';
  readonly properties?: Readonly<Record<string, SettingDeclaration>> | undefined;
  /** Of members that `properties` does not name; any, if it is absent. */
  readonly additionalProperties?: boolean | SettingDeclaration | undefined;
  readonly required?: readonly string[] | undefined;
  readonly default?: Readonly<Record<string, unknown>> | undefined;
}
