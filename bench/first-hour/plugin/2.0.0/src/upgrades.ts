import type { UpgradeScript } from '@bulkhead/extension-api';

export const upgrades: readonly UpgradeScript[] = [
  // 2.0.0: times are in ms, and the count says what it counts.
  ({ settings: { everySeconds, ...settings }, globalState: { shown = 0, ...globalState } }) => ({
    settings: typeof everySeconds === 'number' ? { ...settings, everyMs: everySeconds * 1000 } : settings,
    globalState: { ...globalState, timesShown: shown },
  }),
];
