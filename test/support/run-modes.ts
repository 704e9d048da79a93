import { Bulkhead } from './bulkhead.js';

/** A way to run Bulkhead; every integration test of the broadcast runs in each. */
export interface RunMode {
  readonly name: string;
  /** Which parts are processes of their own, and can be killed alone. */
  readonly encoderIsolated: boolean;
  readonly pluginsIsolated: boolean;
  /** Goes live with these arguments, in this mode. */
  goLive(args: readonly string[]): Promise<LiveRun>;
}

export interface LiveRun {
  /** `bulkhead live`. */
  readonly cli: Bulkhead;
  /** The process that holds the core: in `attach` a `bulkhead core` of its own. */
  readonly owner: Bulkhead;
  /** Ends everything, however the test went. */
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
