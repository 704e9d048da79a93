import mpegts from 'mpegts.js';
import { MovingAverage } from './meters.js';
import { StreamHealth } from './stream-health.js';

export type PlayerState =
  | 'connecting'
  | 'waiting'
  | 'live'
  | 'stalled'
  | 'paused'
  | 'ended'
  | 'unreachable'
  | 'unsupported';

const HLS_TYPE = 'application/vnd.apple.mpegurl';
const TICK_MS = 250;
/** Delay behind the newest frame at which playback starts, and which it catches up to. */
const TARGET_DELAY_S = 0.6;
/** A viewer who joins later than this behind the newest frame begins further on. */
const MAX_START_DELAY_S = 0.75;
/** A longer delay is reduced by slightly faster playback … */
const MAX_DELAY_S = 0.9;
/** … and this one by a jump. */
const JUMP_DELAY_S = 2.5;
/** A gap in the stream's timeline is skipped if it is longer than this … */
const HOLE_S = 0.15;
/** … and playback has run out of data within this time before. */
const STARVED_MS = 5000;
const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 2000;
/** The loader reports every 600 ms. */
const BITRATE_REPORTS = 8;
/** The first reports include what the server had buffered for a new viewer, sent at once. */
const BURST_REPORTS = 4;

mpegts.LoggingControl.applyConfig({ enableAll: false });

/**
 * Plays the stream for as long as the page is open: near the live edge, and again automatically after the stream
 * ends, fails or the server goes down.
 */
export class StreamPlayer {
  private player: ReturnType<typeof mpegts.createPlayer> | undefined;
  private health = new StreamHealth(performance.now());
  private retry: number | undefined;
  private retries = 0;
  private currentState: PlayerState = 'connecting';
  private atLiveEdge = false;
  /** The usual delay, seconds. */
  private usualDelay = TARGET_DELAY_S;
  private starvedAtMs: number | undefined;
  private receiving = false;
  private playsHls = false;
  /** The last response with the stream ended in order: if nothing answers then, the broadcast is over. */
  private endedInOrder = false;
  private reports = 0;
  private readonly kbitPerSecond = new MovingAverage(BITRATE_REPORTS);

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly onState: (state: PlayerState) => void,
    /** Called while the last frame of a connection is still shown. */
    private readonly beforeReset: () => void,
  ) {}

  get state(): PlayerState {
    return this.currentState;
  }

  get bitrateKbps(): number {
    return this.kbitPerSecond.value;
  }

  /** How far the frame is behind the newest one received, seconds; undefined while nothing plays. */
  get delaySeconds(): number | undefined {
    const { buffered, currentTime } = this.video;
    if (this.currentState !== 'live' || buffered.length === 0) return undefined;
    return Math.max(0, buffered.end(buffered.length - 1) - currentTime);
  }

  /** Whether the server does not answer. */
  private get isGone(): boolean {
    return this.currentState === 'unreachable' || this.currentState === 'ended';
  }

  start(): void {
    if (!mpegts.getFeatureList().mseLivePlayback) {
      this.startHls();
      return;
    }
    window.setInterval(() => this.tick(), TICK_MS);
    this.video.addEventListener('waiting', () => {
      if (this.atLiveEdge) this.starvedAtMs ??= performance.now();
    });
    this.video.addEventListener('canplay', () => this.keepNearLiveEdge());
    this.connect();
  }

  /** For browsers that can only play HLS: Safari of iOS before 17.1. Its delay is some seconds longer. */
  private startHls(): void {
    const { video } = this;
    if (video.canPlayType(HLS_TYPE) === '') {
      this.setState('unsupported');
      return;
    }
    this.playsHls = true;
    video.addEventListener('playing', () => {
      this.retries = 0;
      this.endedInOrder = false;
      this.setState('live');
    });
    video.addEventListener('waiting', () => {
      if (this.currentState === 'live') this.setState('stalled');
    });
    video.addEventListener('ended', () => {
      this.endedInOrder = true;
      this.reconnect();
    });
    video.addEventListener('error', () => this.reconnect());
    this.connect();
  }

  private connectHls(): void {
    this.video.src = this.url.replace('stream.flv', 'stream.m3u8');
    this.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.pause();
    });
  }

  /** A live stream cannot wait: pausing disconnects, and resuming continues at the live edge. */
  pause(): void {
    this.disconnect();
    this.setState('paused');
  }

  resume(): void {
    this.setState('connecting');
    this.connect();
  }

  private connect(): void {
    this.disconnect();
    if (this.playsHls) {
      this.connectHls();
      return;
    }
    this.health = new StreamHealth(performance.now());
    this.atLiveEdge = false;
    this.starvedAtMs = undefined;
    const player = mpegts.createPlayer(
      { type: 'flv', isLive: true, url: this.url },
      {
        enableStashBuffer: false,
        liveSync: true,
        liveSyncTargetLatency: TARGET_DELAY_S,
        liveSyncMaxLatency: MAX_DELAY_S,
        liveSyncPlaybackRate: 1.1,
        autoCleanupMaxBackwardDuration: 30,
        autoCleanupMinBackwardDuration: 10,
      },
    );
    let answered = false;
    player.on(mpegts.Events.ERROR, () => {
      if (answered) this.endedInOrder = false;
      this.reconnect();
    });
    player.on(mpegts.Events.LOADING_COMPLETE, () => {
      this.endedInOrder = true;
      this.reconnect();
    });
    player.on(mpegts.Events.STATISTICS_INFO, ({ speed = 0 }: { readonly speed?: number }) => {
      answered = true;
      this.receiving = speed > 0;
      if (this.receiving) this.reports += 1;
      if (this.reports > BURST_REPORTS) this.kbitPerSecond.add(speed * 8 * 1.024);
      if (this.isGone) this.setState('waiting');
    });
    player.attachMediaElement(this.video);
    player.load();
    // Rejects when the next connection takes over the element, or when the browser requires a click first.
    Promise.resolve(player.play()).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.pause();
    });
    this.player = player;
  }

  private disconnect(): void {
    window.clearTimeout(this.retry);
    this.retry = undefined;
    if (this.playsHls && this.video.hasAttribute('src')) {
      this.beforeReset();
      this.video.removeAttribute('src');
    }
    if (this.player === undefined) return;
    this.beforeReset();
    this.player.destroy();
    this.player = undefined;
    this.receiving = false;
    this.reports = 0;
    this.kbitPerSecond.clear();
  }

  private reconnect(): void {
    if (this.retry !== undefined || this.currentState === 'paused') return;
    const delayMs = Math.min(FIRST_RETRY_MS * 1.5 ** this.retries, LAST_RETRY_MS);
    this.retries += 1;
    // A video element does not report why it has no HLS: usually there is none yet.
    const gone = this.playsHls ? 'waiting' : 'unreachable';
    if (this.retries > 1) this.setState(this.endedInOrder ? 'ended' : gone);
    this.retry = window.setTimeout(() => this.connect(), delayMs);
  }

  private tick(): void {
    if (this.player === undefined || this.retry !== undefined) return;
    const health = this.health.observe({
      nowMs: performance.now(),
      position: this.video.currentTime,
      receiving: this.receiving && !document.hidden,
    });
    if (health === 'stuck') {
      this.reconnect();
      return;
    }
    if (health === 'live') {
      this.retries = 0;
      this.setState('live');
    } else if (!this.isGone) {
      this.setState(health);
    }
    this.keepNearLiveEdge();
  }

  private keepNearLiveEdge(): void {
    const { buffered, currentTime, readyState } = this.video;
    if (buffered.length === 0 || readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return;
    const end = buffered.end(buffered.length - 1);
    const delay = end - currentTime;
    if (this.starvedAtMs !== undefined) {
      // The frame was frozen during a gap, and the next media is that much later on the stream's timeline: without a
      // jump the frame would freeze again for as long.
      if (delay > this.usualDelay + HOLE_S) this.video.currentTime = end - this.usualDelay;
      else if (performance.now() - this.starvedAtMs < STARVED_MS) return;
      this.starvedAtMs = undefined;
    } else if (delay > (this.atLiveEdge ? JUMP_DELAY_S : MAX_START_DELAY_S)) {
      // Initially that is what the server sends a new viewer: everything since the last keyframe.
      this.video.currentTime = end - TARGET_DELAY_S;
    } else {
      this.usualDelay += (Math.min(delay, TARGET_DELAY_S) - this.usualDelay) / 8;
    }
    this.atLiveEdge = true;
  }

  private setState(state: PlayerState): void {
    if (state === this.currentState) return;
    this.currentState = state;
    this.onState(state);
  }
}
