import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { withDeadline } from '../../../base/with-deadline.js';
import { renditionKey } from '../../../config/output-video.js';
import { LIVE_SERVER_OUTPUT, type OutputConfig } from '../../../config/schema.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import type { RemovedFromDelay } from '../../../protocol/delay.js';
import type { BulkheadError } from '../../../protocol/errors.js';
import type { OutputReport } from '../../../protocol/report.js';
import type { OutputStatus } from '../../../protocol/status/output-status.js';
import type { Output, OutputFlow } from '../../publish/output.js';
import { BackupNotices } from './backup-notices.js';
import type { OutputNotice } from './output-notices.js';
import { OutputMeter } from './statistics/output-meter.js';
import { NOTHING_SENT, type SentTotals, withSent } from './statistics/sent-totals.js';

/** Time that an output gets to send what it has queued and to end its stream, ms. */
export const END_DEADLINE_MS = 2000;
/** How much later than that its connection is closed anyway, ms. */
const GRACE_MS = 500;

/** Why nothing is published, where that is not for the output to say. */
type Held = Pick<OutputStatus, 'error'> & { readonly state: 'connecting' | 'failed' | 'stopped' };

/** A place in the list of outputs: the same id through stops, starts and changed settings, each of which has an `Output` of its own. */
export class OutputSlot implements Disposable {
  /** The last one that was made; also where it only shows its address. */
  private output: Output;
  /** Which encode it takes: see `renditionKey`. */
  rendition: string | undefined;
  private listening: Disposable;
  private held: Held | undefined;
  /** Of the outputs before this one. */
  private past: SentTotals = NOTHING_SENT;
  private readonly meter = new OutputMeter();
  private readonly news = new BackupNotices();
  /** Outputs that are ending their streams. */
  private readonly leaving = new Map<Output, Promise<unknown>>();
  private readonly changeEmitter = new Emitter<void>();
  /** Fires when `status().state`, `error` or `sessions` have changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private disposed = false;

  /**
   * A slot that publishes nothing yet.
   *
   * @param config its secrets may still be references
   * @throws BulkheadError `config.invalid`
   */
  constructor(
    private config: OutputConfig,
    private readonly create: (config: OutputConfig) => Output,
    held: Held = { state: 'stopped' },
  ) {
    this.output = create(config);
    this.rendition = renditionKey(config);
    this.listening = this.listen(this.output);
    this.held = held;
  }

  get id(): string {
    return this.output.id;
  }

  status(): OutputStatus {
    const { state, error, backup, ...own } = this.output.status();
    const { held } = this;
    const { video, overlays = true, canvas } = this.config;
    const shown = held === undefined ? { state, error } : { state: held.state, error: held.error };
    return {
      ...own,
      ...withSent(this.past, { state, ...own }),
      ...this.meter.statistics(performance.now()),
      state: shown.state,
      ...(backup === undefined || held !== undefined ? {} : { backup }),
      ...(video === undefined ? {} : { video }),
      ...(overlays ? {} : { overlays }),
      ...(canvas === undefined ? {} : { canvas }),
      ...(shown.error === undefined ? {} : { error: shown.error }),
    };
  }

  /** What has become of it so far. */
  report(): OutputReport {
    const { id, url, state, liveMs, error, ...counts } = this.status();
    const { sessions, reconnects, bytesSent, framesSent, droppedFrames, dropped, gaps } = counts;
    const { lowestKbps } = this.meter;
    return {
      ...{
        id,
        url,
        state,
        liveMs,
        sessions,
        reconnects,
        bytesSent,
        framesSent,
        droppedFrames,
        dropped,
        gaps,
      },
      meanKbps: liveMs === 0 ? 0 : Math.round((bytesSent * 8) / liveMs),
      ...(lowestKbps === undefined ? {} : { lowestKbps }),
      ...(error === undefined ? {} : { error }),
    };
  }

  /** To be called once a second: what it sends at present is measured over that time. */
  measure(nowMs: number): void {
    this.meter.measure(withSent(this.past, this.output.status()), nowMs);
  }

  /** What the streamer should read now that it has changed. */
  takeNotices(): OutputNotice[] {
    return this.held?.state === 'stopped' ? [] : this.news.of(this.status(), performance.now());
  }

  /** Publishes with these settings from now on. The output before, if it was published to, has to have been left. */
  publish(config: OutputConfig): void {
    const next = this.create(config);
    this.replace(next, config);
    this.held = undefined;
    next.start();
    this.changed();
  }

  /** Shows this address, and goes on publishing nothing. */
  show(config: OutputConfig): void {
    this.replace(this.create(config), config);
    this.changed();
  }

  /** Publishes nothing from now on. Resolves when the stream has ended at the server, after 2.5 s at the latest. */
  async leave(held: Held): Promise<void> {
    const { output } = this;
    const published = this.held === undefined;
    this.held = held;
    this.changed();
    if (published) await this.endStream(output, END_DEADLINE_MS);
  }

  /** Lets the server know that nothing more comes, for `deadlineMs` at most. Never rejects. */
  async end(deadlineMs: number): Promise<void> {
    if (this.held === undefined) void this.endStream(this.output, deadlineMs);
    await Promise.all(this.leaving.values());
  }

  /** Why nothing can be published. */
  fail(error: BulkheadError): void {
    this.held = { state: 'failed', error: error.toData() };
    this.changed();
  }

  push(tag: StreamTag): void {
    if (this.held === undefined) this.output.push(tag);
  }

  /** See `Output.cut`; undefined where nothing waits. */
  cut(lastMs: number | undefined): Promise<RemovedFromDelay> | undefined {
    return this.output.cut?.(lastMs);
  }

  /** Whether it takes what is broadcast. */
  get isPublishing(): boolean {
    return this.held === undefined;
  }

  /** Whether an adaptive bitrate follows it. */
  get isFollowed(): boolean {
    const isLeftOut = 'adaptiveBitrate' in this.config && this.config.adaptiveBitrate === false;
    return !isLeftOut && this.id !== LIVE_SERVER_OUTPUT;
  }

  /** How it takes what it is sent; undefined while it is not live. */
  flow(): OutputFlow | undefined {
    return this.held === undefined ? this.output.flow?.() : undefined;
  }

  takeTransitTimes(): number[] {
    return this.output.takeTransitTimes();
  }

  private replace(next: Output, config: OutputConfig): void {
    this.past = withSent(this.past, this.output.status());
    this.listening.dispose();
    this.output.dispose();
    this.output = next;
    this.config = config;
    this.rendition = renditionKey(config);
    this.listening = this.listen(next);
    if (this.disposed) next.dispose();
  }

  private listen(output: Output): Disposable {
    return output.onDidChange(() => {
      if (this.held === undefined) this.changed();
    });
  }

  private endStream(output: Output, deadlineMs: number): Promise<unknown> {
    const ended = withDeadline(output.stop(deadlineMs), deadlineMs + GRACE_MS, () => {})
      .catch(() => {})
      .finally(() => this.leaving.delete(output));
    this.leaving.set(output, ended);
    return ended;
  }

  private changed(): void {
    if (this.disposed) return;
    this.meter.setLive(this.held === undefined && this.output.status().state === 'live', performance.now());
    this.changeEmitter.fire();
  }

  dispose(): void {
    this.disposed = true;
    this.listening.dispose();
    this.output.dispose();
    this.changeEmitter.dispose();
  }
}
