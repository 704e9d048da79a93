import { createSocket } from 'node:dgram';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Duplex, Readable, Writable } from 'node:stream';
import { codecName } from '../base/codec-names.js';
import { FfmpegChild } from '../encoder/ffmpeg-child.js';
import type { FfmpegExit } from '../encoder/ffmpeg-errors.js';
import { findFfmpeg } from '../encoder/ffmpeg-resolver.js';
import { LogForwarder } from '../encoder/log-forwarder.js';
import type { FfmpegLogLine } from '../encoder/log-line.js';
import { runTool } from '../encoder/run-ffmpeg.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  type FfmpegTarget,
  RelayEndedNotification,
  RelayOpenedNotification,
  RelayProgressNotification,
  type RelaySecrets,
  type RelayStarted,
  type RelayStartParams,
} from '../protocol/relay.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { explainRelayEnd } from './explain-relay-end.js';
import { type HiddenOptions, writeHiddenOptions } from './hidden-options.js';
import { HlsUpload } from './hls-upload.js';
import { hiddenOptions, relayArguments } from './relay-arguments.js';
import type { RunningRelay } from './running-relay.js';
import { endPlaylist, prepareFolder, prepareTemporaryFolder } from './segment-folder.js';

const PROBE_MS = 10_000;
/** On Windows, a program cannot be given a connection of its parent. */
const CAN_HAND_ON = process.platform !== 'win32';
/** libavformat's version in ffmpeg 6.1, the first that knows other codecs than H.264 in FLV. */
const ENHANCED_FLV = [60, 16] as const;

/** Relays one stream: drives one ffmpeg, which reads the core's media itself. */
export class Relay implements RunningRelay {
  private child: FfmpegChild | undefined;
  private options: HiddenOptions | undefined;
  private upload: HlsUpload | undefined;
  private readonly forwarder: LogForwarder;
  private isOpen = false;
  private finishing = false;
  private disposed = false;

  constructor(
    private readonly connection: RpcConnection,
    private readonly media: Duplex,
    private readonly target: FfmpegTarget,
  ) {
    this.forwarder = new LogForwarder(connection);
  }

  /** @throws BulkheadError */
  async start({ ffmpegPath, videoCodec }: RelayStartParams, secrets: RelaySecrets): Promise<RelayStarted> {
    const { target } = this;
    const path = findFfmpeg(ffmpegPath);
    if (videoCodec !== 'h264') await checkCodec(path, videoCodec);
    const hasPlaylist = await this.prepare(target, secrets);
    const hidden = hiddenOptions(target.kind, secrets);
    this.options = hidden.length === 0 ? undefined : writeHiddenOptions(hidden);
    const hide = redactor(secrets);
    const child = new FfmpegChild({
      path,
      args: relayArguments(target, hasPlaylist, this.options?.path),
      // It reads what the core writes: no byte passes through this process.
      stdin: CAN_HAND_ON ? this.media : 'pipe',
      stdout: 'pipe',
      more: this.options === undefined ? [] : [this.options.fd],
      ownProcessGroup: false,
      onLog: (line) => this.onLog(line, hide),
    });
    this.child = child;
    if (CAN_HAND_ON) this.media.destroy();
    else this.media.pipe(child.child.stdin as Writable);
    createInterface({ input: child.child.stdout as Readable }).on('line', (line) => this.onProgress(line));
    void child.exited.then(({ log, ...exit }) =>
      this.onExit({ ...exit, log: log.map((line) => ({ ...line, text: hide(line.text) })) }, target),
    );
    this.upload?.failed.catch((error) => this.end(BulkheadError.from(error)));
    return { ffmpegPid: child.pid };
  }

  /** What comes now is the last. */
  expectEnd(): void {
    this.finishing = true;
  }

  dispose(): void {
    this.disposed = true;
    this.child?.kill();
    this.options?.dispose();
    this.upload?.dispose();
    // At once, since the process may be about to exit. Another relay may go on with what has not been finished.
    if (this.target.kind === 'hls-push' && this.finishing)
      rmSync(this.target.folder, { recursive: true, force: true });
    this.media.destroy();
  }

  /** @returns whether there is a playlist to continue */
  private async prepare(target: FfmpegTarget, { url = '', authorization }: RelaySecrets): Promise<boolean> {
    if (target.kind === 'srt' && target.mode === 'listener') await checkPort(target);
    if (target.kind === 'hls') return prepareFolder(target.folder);
    if (target.kind !== 'hls-push') return false;
    const { server, folder, tlsCaFile: caFile } = target;
    const hasPlaylist = await prepareTemporaryFolder(folder);
    const onUpload = () => this.report(true);
    this.upload = new HlsUpload({ folder, url, authorization, caFile, server, onUpload });
    return hasPlaylist;
  }

  private onLog(line: FfmpegLogLine, hide: (text: string) => string): void {
    this.forwarder.take(line, hide);
    if (this.isOpen || !line.text.startsWith('Output #0')) return;
    this.isOpen = true;
    this.options?.dispose();
    this.options = undefined;
    this.connection.sendNotification(RelayOpenedNotification.type, {});
  }

  private onProgress(line: string): void {
    if (line.startsWith('progress=')) this.report(this.upload === undefined);
  }

  private report(delivered: boolean): void {
    this.connection.sendNotification(RelayProgressNotification.type, { delivered });
  }

  private async onExit(exit: FfmpegExit, target: FfmpegTarget): Promise<void> {
    if (this.disposed) return;
    if (exit.code !== 0 || !this.isOpen) {
      this.end(explainRelayEnd(exit, target, this.isOpen));
      return;
    }
    try {
      if (this.finishing && 'folder' in target) await endPlaylist(target.folder);
      await this.upload?.finish();
      this.end(undefined);
    } catch (error) {
      this.end(BulkheadError.from(error));
    }
  }

  private end(error: BulkheadError | undefined): void {
    if (this.disposed) return;
    this.connection.sendNotification(RelayEndedNotification.type, {
      ...(error === undefined ? {} : { error: error.toData() }),
    });
  }
}

/** @throws BulkheadError `output.codec` */
async function checkCodec(ffmpeg: string, codec: string): Promise<void> {
  const { stdout } = await runTool(ffmpeg, ['-version'], { deadlineMs: PROBE_MS });
  const [, major = 0, minor = 0] = /libavformat\s+(\d+)\.\s*(\d+)/.exec(stdout)?.map(Number) ?? [];
  const [needed, neededMinor] = ENHANCED_FLV;
  if (major > needed || (major === needed && minor >= neededMinor)) return;
  throw new BulkheadError(
    ErrorCodes.outputCodec,
    `${codecName(codec)} can be relayed by ffmpeg 6.1 or later only`,
    {
      remedy: 'Install a newer ffmpeg, or name one as "ffmpeg" in the configuration; or use H.264.',
    },
  );
}

/** ffmpeg does not say why it cannot listen. @throws BulkheadError `port.inUse` */
async function checkPort({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).bind({ port, address: host, exclusive: true }, resolve);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isUsed = code === 'EADDRINUSE';
    throw new BulkheadError(
      isUsed ? ErrorCodes.portInUse : ErrorCodes.configInvalid,
      isUsed
        ? `the UDP port ${port} is in use by another program or output`
        : `cannot listen at ${host}:${port} (${code})`,
      {
        remedy: isUsed
          ? 'End what uses it, or choose another port.'
          : 'Write an address of this computer, or "0.0.0.0" for all of them.',
      },
    );
  } finally {
    socket.close();
  }
}

function redactor({ url, ...secrets }: RelaySecrets): (text: string) => string {
  const values = [url, ...Object.values(secrets)].filter((value) => value !== undefined && value !== '');
  return (text) => values.reduce<string>((shown, value) => shown.replaceAll(value ?? '', '***'), text);
}
