import type { Disposable } from 'vscode-jsonrpc';
import { asExtraTrack } from '../../../media/enhanced-packets.js';
import { isHeaderKind, StreamHeaders } from '../../../media/stream-headers.js';
import { isExtraFrame, isExtraHeader, isVideoFrame, type StreamTag } from '../../../media/stream-tag.js';
import type { MoreEncodes } from '../output-protocols.js';
import type { ChosenTrack } from './choose-tracks.js';
import { FrameShortage } from './frame-shortage.js';
import { TrackInterleaver } from './track-interleaver.js';

export interface MultitrackStreamHooks {
  /** Takes the stream, tag by tag, in the order of the timestamps. */
  onTag(tag: StreamTag): void;
  /** A track has had too few frames for a while. */
  onShort(): void;
}

/**
 * Several encodes of the programme as tracks of one stream: the first as it is, with the sound, each of the others in multitrack packets of its own.
 * It is ready once all tracks have had a keyframe at the same time; what came before goes nowhere.
 */
export class MultitrackStream implements Disposable {
  readonly ready: Promise<void>;
  private becomeReady: () => void = () => {};
  private isReady = false;
  private readonly interleaver: TrackInterleaver;
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<number, StreamTag>();
  /** Of the last keyframe of each track, ms. */
  private readonly keyframeMs: number[];
  private readonly shortage: FrameShortage;
  private readonly request: Disposable;
  /** The track that the programme is; −1 if none. */
  private readonly programme: number;
  /** How far the stream is, ms. */
  private lastMs = 0;

  /**
   * @param tracks two at least
   * @param startingPoint of the programme
   */
  constructor(
    readonly tracks: readonly ChosenTrack[],
    { encodes, fps }: { readonly encodes: MoreEncodes; readonly fps: number },
    startingPoint: readonly StreamTag[],
    private readonly hooks: MultitrackStreamHooks,
  ) {
    this.ready = new Promise((resolve) => {
      this.becomeReady = resolve;
    });
    this.keyframeMs = tracks.map((_, track) => -1 - track);
    this.shortage = new FrameShortage(tracks.length, fps);
    this.interleaver = new TrackInterleaver(tracks.length, (tag) => {
      this.lastMs = Math.max(this.lastMs, tag.timestampMs);
      if (this.isReady) hooks.onTag(tag);
    });
    this.programme = tracks.findIndex(({ video }) => video === undefined);
    for (const tag of startingPoint) if (isHeaderKind(tag.kind)) this.takeProgramme(tag);
    const own = tracks.flatMap(({ video }, track) => (video === undefined ? [] : [{ video, track }]));
    this.request = encodes.request(
      own.map(({ video }) => video),
      (place, tag) => this.take(own[place]?.track ?? -1, tag),
    );
  }

  takeProgramme(tag: StreamTag): void {
    this.take(this.programme, tag);
  }

  /** What a session begins with: the headers of all tracks. It goes on with the next keyframe, which all tracks have. */
  headersOfAll(): StreamTag[] {
    const moment = { timestampMs: this.lastMs, readAtMs: performance.now() };
    return [
      ...Array.from(this.headers.entries(), ([kind, payload]) => ({ kind, payload, ...moment })),
      ...Array.from(this.extraHeaders.values(), (header) => ({ ...header, ...moment })),
    ];
  }

  private take(track: number, given: StreamTag): void {
    if (track === -1) return;
    const tag = track === 0 ? given : asExtraTrack(given, track);
    if (tag === undefined) return;
    if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
    else if (isExtraHeader(tag)) this.extraHeaders.set(track, tag);
    this.interleaver.take(track, tag);
    if (isVideoFrame(tag) || isExtraFrame(tag)) this.watch(track, tag);
  }

  private watch(track: number, { kind, timestampMs }: StreamTag): void {
    if (this.isReady) {
      if (this.shortage.take(track, timestampMs)) this.hooks.onShort();
      return;
    }
    if (kind !== 'keyframe' && kind !== 'extra-keyframe') return;
    this.keyframeMs[track] = timestampMs;
    if (this.keyframeMs.some((ms) => ms !== timestampMs)) return;
    this.isReady = true;
    this.becomeReady();
  }

  dispose(): void {
    this.request.dispose();
  }
}
