/** The context keys that Bulkhead sets: `ID` stands for an id. Those of plugins begin with the plugin's own name. */
export const CONTEXT_KEYS = {
  'broadcast.state':
    'the state of the broadcast: `idle`, `starting`, `live`, `paused`, `reconnecting` or `stopping`',
  scene: 'id of the scene on air',
  'scene.preview': 'id of the scene that is made ready',
  'output.ID.state':
    'state of an output: `idle`, `connecting`, `live`, `reconnecting`, `failed` or `stopped`',
  'source.ID.state': 'state of a source of the scenes, such as `live`, `stalled` or `cold`',
  'plugin.ID.active': '`true` while the plugin is active',
  profile: 'the profile of the configuration',
  isLinux: '`true` on Linux',
  isMac: '`true` on macOS',
  isWindows: '`true` on Windows',
} as const;

/** First parts of names that are Bulkhead's. */
const RESERVED = new Set([
  ...Object.keys(CONTEXT_KEYS).map((name) => name.split('.')[0]),
  'bulkhead',
  'config',
]);

/** Most characters of the name of a plugin's key. */
export const MOST_CONTEXT_KEY = 200;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Whether the key is, or could only be, one of Bulkhead's own. */
export function isReservedKey(key: string): boolean {
  return RESERVED.has(key.split('.')[0]);
}

/** Whether the name of a key is one that Bulkhead sets. */
export function isKnownKey(key: string): boolean {
  return Object.keys(CONTEXT_KEYS).some((name) => {
    const [before = '', after] = name.split('ID');
    if (after === undefined) return key === name;
    return key.startsWith(before) && key.endsWith(after) && key.length > before.length + after.length;
  });
}

/** What is wrong with the name of a plugin's key apart from whose it is; undefined if nothing is. */
export function findContextKeyProblem(key: string): string | undefined {
  if (key.length > MOST_CONTEXT_KEY) return `expected at most ${MOST_CONTEXT_KEY} characters`;
  return NAME.test(key) ? undefined : 'expected letters, digits, ".", "-" and "_"';
}
