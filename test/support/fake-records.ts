import type { PluginDetails, PluginRecords } from '../../src/protocol/plugin-details.js';

const used = { bytes: 0, quotaBytes: 1 };
const details: PluginDetails = {
  ...{ id: 'a.b', settings: {}, secrets: [] },
  storage: {
    ...{ state: used, profileState: used, secrets: used },
    files: { ...used, entries: 0, maxEntries: 1 },
  },
};

/** What is known of a plugin that has nothing, and takes every secret. */
export function fakeRecords(onCall: (what: string, params: unknown) => void = () => {}): PluginRecords {
  return {
    details: async (params) => {
      onCall('details', params);
      return details;
    },
    setSecret: async (params) => {
      onCall('setSecret', params);
      return null;
    },
  };
}
