import { isDeepStrictEqual } from 'node:util';
import { NO_CHANGES, type ShowChanges, type ShowState } from '../../src/core/broadcast/kept/show-state.js';
import type { DelayManagement } from '../../src/protocol/delay.js';
import { NO_OUTPUT_STATISTICS } from '../../src/protocol/output-statistics.js';
import type { OutputManagement } from '../../src/protocol/outputs.js';
import type { OutputStatus } from '../../src/protocol/status/output-status.js';

const STATUS: OutputStatus = {
  ...{ id: 'main', url: 'rtmp://live.example/app/***', state: 'live' },
  ...{ sessions: 1, bytesSent: 1, droppedFrames: 0, queueMs: 0 },
  ...NO_OUTPUT_STATISTICS,
};

/** Outputs of which every change succeeds. */
export function fakeOutputs(
  onCall: (what: string, params: unknown) => void = () => {},
): OutputManagement & DelayManagement {
  const list = { show: 'default', outputs: [STATUS], changes: [], restored: [] };
  const answer =
    <T>(what: string, value: T) =>
    async (params?: unknown): Promise<T> => {
      onCall(what, params);
      return value;
    };
  return {
    list: answer('list', list),
    add: answer('add', STATUS),
    set: answer('set', STATUS),
    remove: answer('remove', STATUS),
    stop: answer('stop', STATUS),
    start: answer('start', STATUS),
    reset: answer('reset', list),
    cutDelay: answer('cutDelay', { removed: [], undelayed: ['main'] }),
  };
}

/** What is kept of shows, in memory. */
export class MemoryShowState implements ShowState {
  readonly shows = new Map<string, ShowChanges>();

  async read(show: string): ReturnType<ShowState['read']> {
    return { changes: this.shows.get(show) ?? NO_CHANGES };
  }

  async write(show: string, changes: Partial<ShowChanges>): Promise<void> {
    const all = { ...NO_CHANGES, ...this.shows.get(show), ...changes };
    if (isDeepStrictEqual(all, NO_CHANGES)) this.shows.delete(show);
    else this.shows.set(show, all);
  }
}
