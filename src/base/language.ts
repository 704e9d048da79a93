/** Languages are named as VS Code names its files: in lower case, as in `zh-cn`. */
export const DEFAULT_LANGUAGE = 'en';

const NAME = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}$/;

/** Names of one language that are not each other's beginning. */
const CHINESE: readonly (readonly [RegExp, string])[] = [
  [/^zh(-hans(-.*)?|-sg)?$/, 'zh-cn'],
  [/^zh-(hant(-.*)?|hk|mo)$/, 'zh-tw'],
];

/** `zh_CN.UTF-8`, `zh-CN` and `zh-cn` are `zh-cn`; undefined for what names no language, such as `C`. */
export function normalizeLanguage(name: string): string | undefined {
  const [plain = ''] = name.toLowerCase().replaceAll('_', '-').split(/[.@]/);
  return NAME.test(plain) ? plain : undefined;
}

/** The language of messages according to an environment, else as the system has it set. */
export function languageOf(env: NodeJS.ProcessEnv): string {
  const set = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  if (set !== undefined) return normalizeLanguage(set) ?? DEFAULT_LANGUAGE;
  return normalizeLanguage(new Intl.DateTimeFormat().resolvedOptions().locale) ?? DEFAULT_LANGUAGE;
}

/** The languages whose texts to look for, the best one first: `zh-cn`, `zh`. English, the default, is what follows them. */
export function languagesFor(language: string): string[] {
  const candidates: string[] = [];
  for (let name = language; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('-'))))
    candidates.push(name);
  const chinese = CHINESE.find(([pattern]) => pattern.test(language))?.[1];
  if (chinese === undefined || candidates.includes(chinese)) return candidates;
  // Closer to it than "zh" alone, which is mostly simplified.
  return language === 'zh' ? ['zh', chinese] : [...candidates.slice(0, -1), chinese, 'zh'];
}
