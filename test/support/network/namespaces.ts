import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkCondition } from './link.js';

export interface NetworkConditions {
  /** From the streamer to the server. */
  readonly up: LinkCondition;
  readonly down: LinkCondition;
  /** TCP connections of until now pass no more, as when a router has forgotten them; new ones do. */
  readonly forgets?: boolean;
}

/** Two network namespaces of this machine, the streamer's and the server's, and a link between them that can be made bad. */
export interface Network {
  /** Words to put before a command, so that it runs there. */
  readonly streamer: readonly string[];
  readonly server: readonly string[];
  /** The server's address, as the streamer sees it. */
  readonly serverHost: string;
  readonly streamerHost: string;
  set(conditions: NetworkConditions): void;
  end(): Promise<void>;
}

const FORWARDER = join(process.cwd(), 'dist', 'test', 'support', 'network', 'forwarder.js');
/**
 * Opens a TUN device of the namespace that it runs in, and hands its descriptor on to the next program: Node has no ioctl. `0x400454ca`
 * is TUNSETIFF, `0x1001` IFF_TUN and IFF_NO_PI.
 */
const OPEN_TUN = `
  $^F = 255;
  my ($variable, @next) = @ARGV;
  open(my $tun, "+<", "/dev/net/tun") or die "/dev/net/tun: $!\\n";
  my $request = pack("a16 S x22", "link0", 0x1001);
  ioctl($tun, 0x400454ca, $request) or die "TUNSETIFF: $!\\n";
  $ENV{$variable} = fileno($tun);
  exec(@next) or die "$next[0]: $!\\n";
`;

/** Why {@link createNetwork} cannot work here; undefined if it can. */
export function networkProblem(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a part of Linux';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  if (!existsSync('/dev/net/tun')) return 'this kernel has no /dev/net/tun';
  return undefined;
}

/**
 * Emulates a network with packets of its own, since many kernels lack `netem`: TCP on both sides is the kernel's, and sees delays and losses
 * as in a real one.
 *
 * @param name of this network, of a few letters
 * @param seed of what is lost and late
 */
export async function createNetwork(name: string, seed = 1): Promise<Network> {
  const problem = networkProblem();
  if (problem !== undefined) throw new Error(problem);
  const near = `${name}-${process.pid}-near`;
  const far = `${name}-${process.pid}-far`;
  const within = (namespace: string) => ['ip', 'netns', 'exec', namespace];
  let forwarder: ChildProcess | undefined;
  const end = async () => {
    if (forwarder?.exitCode === null) {
      forwarder.kill('SIGKILL');
      await once(forwarder, 'exit');
    }
    for (const namespace of [near, far]) {
      try {
        ip('netns', 'delete', namespace);
      } catch {
        // It was never made.
      }
    }
  };
  try {
    for (const namespace of [near, far]) {
      ip('netns', 'add', namespace);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
    const child = spawn(
      'ip',
      [
        ...['netns', 'exec', near, 'perl', '-e', OPEN_TUN, 'TUN_NEAR'],
        ...[...within(far), 'perl', '-e', OPEN_TUN, 'TUN_FAR'],
        ...[process.execPath, FORWARDER],
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, SEED: String(seed) } },
    );
    forwarder = child;
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('the link between the namespaces has ended'))),
    ]);
    for (const [namespace, address, peer] of [
      [near, '10.99.0.1', '10.99.0.2'],
      [far, '10.99.0.2', '10.99.0.1'],
    ] as const) {
      ip('-n', namespace, 'address', 'add', address, 'peer', peer, 'dev', 'link0');
      ip('-n', namespace, 'link', 'set', 'link0', 'up');
    }
  } catch (error) {
    await end();
    throw error;
  }
  return {
    streamer: within(near),
    server: within(far),
    streamerHost: '10.99.0.1',
    serverHost: '10.99.0.2',
    set: (conditions) => {
      forwarder?.stdin?.write(`${JSON.stringify(conditions)}\n`);
    },
    end,
  };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
