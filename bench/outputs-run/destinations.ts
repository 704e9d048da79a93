import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '../../test/support/network/namespaces.js';
import { type NginxRtmp, startNginxRtmp } from '../../test/support/nginx.js';

const SRT_PORT = 9000;
const RIST_PORT = 9002;
/** What is left in its buffers, ms. */
const LAST_MS = 2000;

export const KEYS = {
  main: 'bench-outputs-run-main',
  small: 'bench-outputs-run-small',
  late: 'bench-outputs-run-late',
};

/** The servers of the six outputs: two by RTMP, one of them with an encode of its own, one with a delay; SRT, RIST and HLS. */
export class Destinations {
  private constructor(
    private readonly network: Network,
    private readonly nginx: NginxRtmp,
    private readonly folder: string,
    private readonly receivers: readonly ChildProcess[],
  ) {}

  static async open(network: Network, folder: string): Promise<Destinations> {
    const nginx = await startNginxRtmp({ within: network.server, recordingFolder: folder });
    const receivers = [
      receive(network, `srt://0.0.0.0:${SRT_PORT}?mode=listener&latency=400000`, join(folder, 'srt.ts')),
      receive(network, `rist://@0.0.0.0:${RIST_PORT}`, join(folder, 'rist.ts')),
    ];
    return new Destinations(network, nginx, folder, receivers);
  }

  /** The configuration's. */
  outputs(): readonly object[] {
    const { serverHost } = this.network;
    const url = `rtmp://${serverHost}:${this.nginx.port}/recorded`;
    return [
      { id: 'main', url, key: 'env:KEY_MAIN' },
      { id: 'small', url, key: 'env:KEY_SMALL', video: { height: 360, bitrateKbps: 600 } },
      { id: 'late', url, key: 'env:KEY_LATE', delaySeconds: 20 },
      { id: 'srt', type: 'srt', url: `srt://${serverHost}:${SRT_PORT}`, latencyMs: 400 },
      { id: 'rist', type: 'rist', url: `rist://${serverHost}:${RIST_PORT}`, bufferMs: 1000 },
      { id: 'hls', type: 'hls', folder: join(this.folder, 'hls'), segmentSeconds: 2, playlistSegments: 1000 },
    ];
  }

  /** What each has: the files of its sessions. */
  files(): ReadonlyMap<string, readonly string[]> {
    const recorded = readdirSync(this.folder).sort();
    const ofKey = (key: string) =>
      recorded.filter((name) => name.startsWith(`${key}-`)).map((name) => join(this.folder, name));
    return new Map([
      ['main', ofKey(KEYS.main)],
      ['small', ofKey(KEYS.small)],
      ['late', ofKey(KEYS.late)],
      ['srt', [join(this.folder, 'srt.ts')]],
      ['rist', [join(this.folder, 'rist.ts')]],
      ['hls', [join(this.folder, 'hls', 'stream.m3u8')]],
    ]);
  }

  async close(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, LAST_MS));
    for (const child of this.receivers) {
      if (child.exitCode !== null) continue;
      // One that waits for RIST heeds no other signal.
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.nginx.stop();
  }
}

function receive({ server: [program = '', ...words] }: Network, url: string, file: string): ChildProcess {
  const args = [
    'ffmpeg',
    '-nostdin',
    '-v',
    'error',
    '-i',
    url,
    '-c',
    'copy',
    '-flush_packets',
    '1',
    '-y',
    file,
  ];
  return spawn(program, [...words, ...args], { stdio: 'ignore' });
}
