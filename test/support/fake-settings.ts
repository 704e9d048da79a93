import type { SettingManagement } from '../../src/protocol/settings.js';

/** Settings of plugins of which every change succeeds. */
export function fakeSettings(onCall: (what: string, params: unknown) => void = () => {}): SettingManagement {
  const answer = (what: string) => async (params?: unknown) => {
    onCall(what, params);
    return { show: 'default', settings: [] };
  };
  return {
    list: answer('setting/list'),
    set: answer('setting/set'),
    reset: answer('setting/reset'),
    noteSaved: answer('setting/saved'),
  };
}
