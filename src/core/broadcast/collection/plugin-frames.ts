import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../../base/disposable-store.js';
import type { Size } from '../../../base/geometry.js';
import { SpareBuffers } from '../../../base/spare-buffers.js';
import type { SourceState } from '../../../protocol/encoder.js';
import { ErrorCodes } from '../../../protocol/errors.js';
import { type PluginFrameHead, pluginFrameBytes } from '../../../protocol/plugin-frames.js';
import { EncoderStub } from '../../stubs/encoder-stub.js';
import type { FrameFeed } from '../../stubs/frame-feed.js';
import { SharedPixels } from '../../stubs/shared-pixels.js';
import { entryNamed } from './entry-named.js';
import { LiveCollection } from './live-collection.js';

/** Bytes of all frames that are kept: four of the largest ones. With more, those that are oldest are not kept. */
const MOST_KEPT_BYTES = 64 * 1024 * 1024;

/** The parts of the encoder's stub that it uses. */
export interface FrameEncoder extends Pick<EncoderStub, 'sources' | 'onDidReportSources'> {
  readonly frames: Pick<FrameFeed, 'sendFrame' | 'sendPresence'> | undefined;
}

/** A source that is open in the encoder. */
interface OpenSource {
  readonly plugin: string;
  readonly state: SourceState;
}

interface Kept {
  readonly plugin: string;
  readonly spares: SpareBuffers;
  frame: (Size & { readonly pixels: SharedPixels }) | undefined;
  /** Whether the host that has sent it has ended. */
  isLeft: boolean;
}

/**
 * The frames that plugins make, for sources of the type `plugin`: they go on to the encoder while their source is open. The last one of each
 * is kept, for an encoder that takes the place of another.
 */
@injectable()
export class PluginFrames implements Disposable {
  private readonly watching: DisposableStore;
  /** By the ids of their sources, the one that was changed last at the end. */
  private readonly kept = new Map<string, Kept>();
  /** Sessions with hosts, by the ids of their plugins: while a host is replaced, there are two. */
  private readonly hosts = new Map<string, number>();
  /** As the encoder last reported, also while it is being replaced. */
  private open: ReadonlyMap<string, OpenSource> = new Map();
  /** Of the run that has reported. */
  private feed: FrameEncoder['frames'];

  constructor(
    @inject(LiveCollection)
    private readonly collection: Pick<LiveCollection, 'current' | 'status' | 'onDidChange'>,
    @inject(EncoderStub) private readonly encoder: FrameEncoder,
  ) {
    this.watching = new DisposableStore([
      encoder.onDidReportSources(() => this.look()),
      collection.onDidChange(() => this.follow()),
    ]);
  }

  /**
   * Whether a frame of this source is to be sent.
   *
   * @throws BulkheadError `source.notFound` if it is not this plugin's, `broadcast.state` without a broadcast that has scenes
   */
  isWanted(plugin: string, source: string): boolean {
    const own = this.collection.current.sources.filter(
      (one) => one.type === 'plugin' && one.plugin === plugin,
    );
    entryNamed(source, own, {
      ...{ what: 'source', inside: ` of the plugin "${plugin}"`, where: 'sources' },
      code: ErrorCodes.sourceNotFound,
    });
    return this.open.has(source);
  }

  /** A frame comes. @returns where its pixels are to be written; undefined if nobody would see it */
  begin(head: PluginFrameHead): Buffer | undefined {
    return this.isShown(head) ? this.keptOf(head).spares.take(pluginFrameBytes(head)) : undefined;
  }

  /** It has come as a whole. @param pixels are those of `begin` */
  end(head: PluginFrameHead, pixels: Buffer): void {
    if (!this.isShown(head)) return;
    const { plugin, source, width, height } = head;
    const kept = this.keptOf(head);
    kept.frame?.pixels.release();
    const shared = new SharedPixels(pixels, (bytes) => kept.spares.give(bytes));
    kept.frame = { width, height, pixels: shared };
    kept.isLeft = false;
    this.kept.delete(source);
    this.kept.set(source, kept);
    this.feed?.sendFrame({ plugin, source, width, height }, shared);
    this.limit();
  }

  /** There is another session with a host of the plugin. */
  hostBegan(plugin: string): void {
    const before = this.hosts.get(plugin) ?? 0;
    this.hosts.set(plugin, before + 1);
    if (before > 0) return;
    for (const source of this.openOf(plugin)) this.feed?.sendPresence({ plugin, source }, 'awaited');
  }

  /** One has ended: without another one, its sources are lost. */
  hostEnded(plugin: string): void {
    const left = (this.hosts.get(plugin) ?? 0) - 1;
    if (left > 0) {
      this.hosts.set(plugin, left);
      return;
    }
    this.hosts.delete(plugin);
    for (const kept of this.kept.values()) if (kept.plugin === plugin) kept.isLeft = true;
    for (const source of this.openOf(plugin)) this.feed?.sendPresence({ plugin, source }, 'gone');
  }

  private openOf(plugin: string): string[] {
    return [...this.open].filter(([, open]) => open.plugin === plugin).map(([source]) => source);
  }

  private isShown({ plugin, source }: PluginFrameHead): boolean {
    return this.open.get(source)?.plugin === plugin;
  }

  private keptOf({ plugin, source }: PluginFrameHead): Kept {
    const known = this.kept.get(source);
    if (known?.plugin === plugin) return known;
    this.drop(source);
    const kept: Kept = { plugin, spares: new SpareBuffers(), frame: undefined, isLeft: false };
    this.kept.set(source, kept);
    return kept;
  }

  /** Something has changed that the encoder reports: another run, or a source that was opened, opened anew or closed. */
  private look(): void {
    const { frames } = this.encoder;
    const isOtherRun = frames !== this.feed;
    this.feed = frames;
    const before = this.open;
    const owners = this.owners();
    this.open = new Map(
      this.encoder.sources().flatMap(({ id, state }) => {
        const plugin = owners.get(id);
        return plugin === undefined ? [] : [[id, { plugin, state }] as const];
      }),
    );
    for (const id of this.kept.keys()) if (!this.open.has(id)) this.drop(id);
    for (const [id, { plugin, state }] of this.open) {
      const then = before.get(id);
      const isOpenedAnew = state === 'starting' && then?.state !== 'starting';
      if (isOtherRun || isOpenedAnew || then?.plugin !== plugin) this.sendAll(id, plugin);
    }
  }

  /** All that an encoder has to know of a source that knows nothing of it. */
  private sendAll(source: string, plugin: string): void {
    const kept = this.kept.get(source);
    if (kept?.frame !== undefined && kept.plugin === plugin) {
      const { width, height, pixels } = kept.frame;
      this.feed?.sendFrame({ plugin, source, width, height }, pixels);
    }
    if (!this.hosts.has(plugin)) this.feed?.sendPresence({ plugin, source }, 'gone');
    else if (kept?.isLeft === true) this.feed?.sendPresence({ plugin, source }, 'awaited');
  }

  /** What is no source of this plugin any more is forgotten at once, and what an encoder says of another one that has its id comes later. */
  private follow(): void {
    const owners = this.owners();
    this.open = new Map([...this.open].filter(([id, { plugin }]) => owners.get(id) === plugin));
    for (const id of this.kept.keys()) if (!this.open.has(id)) this.drop(id);
  }

  /** Ids of sources and of their plugins. */
  private owners(): ReadonlyMap<string, string> {
    const { collection } = this;
    if (collection.status === undefined) return new Map();
    return new Map(
      collection.current.sources.flatMap((source) =>
        source.type === 'plugin' ? [[source.id, source.plugin] as const] : [],
      ),
    );
  }

  private limit(): void {
    let bytes = [...this.kept.values()].reduce(
      (sum, { frame }) => sum + (frame?.pixels.bytes.length ?? 0),
      0,
    );
    for (const kept of this.kept.values()) {
      if (bytes <= MOST_KEPT_BYTES) return;
      bytes -= kept.frame?.pixels.bytes.length ?? 0;
      kept.frame?.pixels.release();
      kept.frame = undefined;
    }
  }

  private drop(source: string): void {
    this.kept.get(source)?.frame?.pixels.release();
    this.kept.delete(source);
  }

  dispose(): void {
    this.watching.dispose();
    for (const id of [...this.kept.keys()]) this.drop(id);
  }
}
