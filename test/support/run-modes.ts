import type { Status } from '../../src/protocol/status/status.js';
import { Bulkhead } from './bulkhead.js';
import { type LiveViewer, watchLive } from './live-viewer.js';
import type { NginxRtmp } from './nginx.js';

/** A way to run Bulkhead; the integration tests of the broadcast run in each. */
export interface RunMode {
  readonly name: string;
  /** Which parts are processes that can be killed separately. */
  readonly encoderIsolated: boolean;
  readonly pluginsIsolated: boolean;
  /** Goes live with these arguments in this mode. */
  goLive(args: readonly string[]): Promise<LiveRun>;
}

export interface LiveRun {
  /** `bulkhead live`. */
  readonly cli: Bulkhead;
  /** The process with the core: in `attach` mode a separate `bulkhead core`. */
  readonly owner: Bulkhead;
  /** Ends everything, whatever the result of the test. */
  end(): Promise<void>;
}

export const RUN_MODES: readonly RunMode[] = [
  {
    name: 'spawn',
    encoderIsolated: true,
    pluginsIsolated: true,
    goLive: (args) => owned(['live', '--mode', 'spawn', ...args]),
  },
  { name: 'attach', encoderIsolated: true, pluginsIsolated: true, goLive: attached },
  {
    name: 'hybrid with isolated plugins',
    encoderIsolated: false,
    pluginsIsolated: true,
    goLive: (args) => owned(['live', '--mode', 'hybrid', '--isolate', 'plugins', ...args]),
  },
  {
    name: 'hybrid with an isolated encoder',
    encoderIsolated: true,
    pluginsIsolated: false,
    goLive: (args) => owned(['live', '--mode', 'hybrid', '--isolate', 'encoder', ...args]),
  },
];

/** A broadcast on air in one mode. */
export interface ModeOnAir {
  readonly mode: RunMode;
  readonly run: LiveRun;
  /** Its address at nginx. */
  readonly url: string;
  /** The first status in this mode accepted by `wanted`. */
  until(what: string, wanted: (status: Status) => boolean): Promise<Status>;
}

/** One broadcast per mode, all at the same time and to the same live server, to save time. */
export class ModesOnAir {
  private readonly viewers: LiveViewer[] = [];
  readonly each: ModeOnAir[] = [];

  /** Goes live with `args` in each of `modes`; call {@link end} even if that fails. */
  async goLive(nginx: NginxRtmp, modes: readonly RunMode[], args: readonly string[]): Promise<void> {
    const starts = modes.map(async (mode) => {
      const url = nginx.url('live', mode.name.replaceAll(' ', '-'));
      const run = await mode.goLive([...args, '--output', url]);
      this.each.push({
        mode,
        run,
        url,
        until: (what, wanted) => run.owner.until(`${mode.name}: ${what}`, wanted, 60_000),
      });
    });
    for (const result of await Promise.allSettled(starts)) {
      if (result.status === 'rejected') throw result.reason;
    }
    await this.all(({ until }) => until('on air', ({ state }) => state === 'live'));
  }

  /** Does the same in every mode at once. */
  async all<T>(act: (onAir: ModeOnAir) => Promise<T>): Promise<T[]> {
    const results = await Promise.allSettled(this.each.map(act));
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  /** Watches the broadcast of one mode until {@link end}. */
  watch({ url }: ModeOnAir): LiveViewer {
    const viewer = watchLive(url);
    this.viewers.push(viewer);
    return viewer;
  }

  async end(): Promise<void> {
    const ends = [
      ...this.viewers.splice(0).map((viewer) => viewer.stop()),
      ...this.each.splice(0).map(({ run }) => run.end()),
    ];
    for (const result of await Promise.allSettled(ends)) {
      if (result.status === 'rejected') throw result.reason;
    }
  }
}

async function owned(args: readonly string[]): Promise<LiveRun> {
  const cli = new Bulkhead(args);
  return { cli, owner: cli, end: () => cli.end() };
}

async function attached(args: readonly string[]): Promise<LiveRun> {
  const owner = new Bulkhead(['core']);
  try {
    await owner.until('the core answers', () => true);
    const cli = new Bulkhead(['live', '--mode', 'attach', ...args], { address: owner.address });
    return {
      cli,
      owner,
      end: async () => {
        await cli.end();
        await owner.end();
      },
    };
  } catch (error) {
    await owner.end();
    throw error;
  }
}
