import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { redactUrl, redactUrls } from '../../config/input-secrets.js';
import type { SourceConfig } from '../../config/schema.js';
import { dyingWithParent } from '../../process-host/parent-death.js';
import { yieldToParent } from '../../process-host/yield-processor.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { mediaEnvironment } from '../media-environment.js';
import { type DevtoolsEvent, DevtoolsPipe } from './devtools-pipe.js';
import { makeProfile, removeProfile } from './profile-folder.js';

export type BrowserInput = Extract<SourceConfig, { type: 'browser' }>;

export interface BrowserPageOptions {
  readonly path: string;
  readonly input: BrowserInput;
  /** Whether it leads its own process group, as it must inside the core. */
  readonly ownProcessGroup: boolean;
  /** A frame of the page, PNG with alpha: when something in it has changed, `fps` times per second at most. */
  readonly onFrame: (png: Buffer) => void;
}

/** How long the page may take until it begins to load, ms. */
const LOAD_MS = 20_000;
const START_TRIES = 20;
const START_PAUSE_MS = 250;
/** How often the page has to answer, and how long it may take, ms: its own scripts may keep it busy. */
const ALIVE_MS = 3000;
const ANSWER_MS = 10_000;
const KEPT_LOG = 2000;
const TRANSPARENT = { r: 0, g: 0, b: 0, a: 0 };

const ARGUMENTS = [
  '--headless=new',
  '--remote-debugging-pipe',
  '--mute-audio',
  '--disable-gpu',
  '--hide-scrollbars',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-extensions',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  // Nobody clicks; and a page that is not in a window is not slowed down.
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
];

/** One browser with one page, in a profile of its own, which is deleted afterwards. */
export class BrowserPage {
  /** Resolves with why it has ended, once all of it is gone. Never rejects. */
  readonly ended: Promise<BulkheadError>;
  private child: ChildProcess | undefined;
  private pipe: DevtoolsPipe | undefined;
  private session: string | undefined;
  private mainFrame: unknown;
  private failure: BulkheadError | undefined;
  private killed = false;
  private log = '';
  private acknowledgedMs = 0;
  private lastUse = { cpuS: 0, atMs: performance.now() };
  private percent = 0;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly options: BrowserPageOptions) {
    this.ended = this.run();
  }

  /** 0 until it has been started. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** CPU time of all its processes, of one core, percent; as last measured. */
  get cpuPercent(): number {
    return this.percent;
  }

  kill(): void {
    this.killed = true;
    this.child?.kill('SIGKILL');
  }

  private async run(): Promise<BulkheadError> {
    let profile: string | undefined;
    try {
      profile = await makeProfile();
      if (!this.killed) await this.launch(profile);
    } catch (error) {
      this.failure ??= this.problem('cannot be shown', (error as Error).message);
    } finally {
      for (const timer of this.timers) clearTimeout(timer);
      this.pipe?.close();
      if (profile !== undefined) void removeProfile(profile);
    }
    return this.failure ?? this.problem('is not shown any more', 'the browser was ended');
  }

  /** Resolves when the browser has exited. */
  private async launch(profile: string): Promise<void> {
    const { path, input, ownProcessGroup } = this.options;
    const { width, height } = input;
    const line = dyingWithParent({
      command: path,
      args: [
        ...ARGUMENTS,
        ...(isRoot() ? ['--no-sandbox'] : []),
        `--user-data-dir=${profile}`,
        `--window-size=${width},${height}`,
        'about:blank',
      ],
    });
    const child = spawn(line.command, line.args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: mediaEnvironment(),
      detached: ownProcessGroup && process.platform !== 'win32',
      windowsHide: true,
    });
    this.child = child;
    yieldToParent(child.pid);
    const [, , stderr, toBrowser, fromBrowser] = child.stdio as [null, null, Readable, Writable, Readable];
    stderr
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        this.log = (this.log + chunk.toString()).slice(-KEPT_LOG);
      });
    this.pipe = new DevtoolsPipe({
      ...{ input: toBrowser, output: fromBrowser },
      onEvent: (event) => this.take(event),
      onBroken: (error) => this.fail(this.problem('is lost', error.message)),
    });
    const exited = once(child, 'exit');
    this.show().catch((error: Error) => {
      // A browser that is about to exit says why.
      if (child.exitCode === null && child.signalCode === null)
        this.fail(error instanceof BulkheadError ? error : this.problem('cannot be shown', error.message));
    });
    const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null];
    const words = this.log.trim().split('\n').at(-1) ?? '';
    this.failure ??= this.problem(
      'is not shown any more',
      `the browser ended with ${signal ?? `exit code ${code}`}${code === null || words === '' ? '' : `: ${words}`}`,
    );
  }

  private async show(): Promise<void> {
    const { input } = this.options;
    const { width, height, url, css } = input;
    // The page that it opens by itself may not be there yet.
    const { targetId } = await this.call('Target.createTarget', { url: 'about:blank' }, LOAD_MS);
    const { sessionId } = await this.call('Target.attachToTarget', { targetId, flatten: true });
    this.session = String(sessionId);
    await this.call('Browser.setDownloadBehavior', { behavior: 'deny' });
    await this.call('Page.enable');
    await this.call('Network.enable');
    const { frameTree } = await this.call('Page.getFrameTree');
    this.mainFrame = (frameTree as { frame: { id: string } }).frame.id;
    await this.call('Emulation.setDeviceMetricsOverride', {
      ...{ width, height, deviceScaleFactor: 1, mobile: false },
    });
    await this.call('Emulation.setDefaultBackgroundColorOverride', { color: TRANSPARENT });
    if (css !== undefined) await this.call('Page.addScriptToEvaluateOnNewDocument', { source: styling(css) });
    const { errorText } = await this.call('Page.navigate', { url }, LOAD_MS);
    if (typeof errorText === 'string' && errorText !== '')
      throw this.problem('cannot be loaded', errorText, 'Check its address, and that its server runs.');
    await this.startFrames();
    this.checkAlive();
  }

  /** For a moment after a page has begun to load, the browser has none that it could show. */
  private async startFrames(): Promise<void> {
    const { width: maxWidth, height: maxHeight } = this.options.input;
    for (let left = START_TRIES; ; left -= 1) {
      try {
        // The page that the browser opens by itself may have come in front of it, and hidden it.
        await this.call('Page.bringToFront');
        await this.call('Page.startScreencast', { format: 'png', maxWidth, maxHeight });
        return;
      } catch (error) {
        if (left === 1 || this.killed) throw error;
        await new Promise<void>((resolve) => this.later(START_PAUSE_MS, resolve));
      }
    }
  }

  private call(method: string, params: Readonly<Record<string, unknown>> = {}, answerMs = ANSWER_MS) {
    if (this.pipe === undefined) throw new Error('there is no browser');
    return this.pipe.call(
      method,
      params,
      /^(Target|Browser|SystemInfo)\./.test(method) ? undefined : this.session,
      answerMs,
    );
  }

  private take({ method, params }: DevtoolsEvent): void {
    switch (method) {
      case 'Page.screencastFrame':
        this.takeFrame(params);
        break;
      case 'Page.javascriptDialogOpening':
        // It stops the page until somebody answers it.
        this.send('Page.handleJavaScriptDialog', { accept: false });
        break;
      case 'Inspector.targetCrashed':
        this.fail(this.problem('has crashed', 'its process is gone'));
        break;
      case 'Network.responseReceived':
        this.checkResponse(params);
        break;
      default:
    }
  }

  private takeFrame({ data, sessionId }: DevtoolsEvent['params']): void {
    if (typeof data !== 'string') return;
    this.options.onFrame(Buffer.from(data, 'base64'));
    // The next frame comes only when this one is acknowledged.
    const now = performance.now();
    const at = Math.max(now, this.acknowledgedMs + 1000 / this.options.input.fps);
    this.acknowledgedMs = at;
    this.later(at - now, () => this.send('Page.screencastFrameAck', { sessionId }));
  }

  private checkResponse({ type, response, frameId }: DevtoolsEvent['params']): void {
    const { status } = Object(response) as { status?: unknown };
    if (type !== 'Document' || frameId !== this.mainFrame || typeof status !== 'number' || status < 400)
      return;
    this.fail(this.problem('cannot be loaded', `its server refuses it with ${status}`, 'Check its address.'));
  }

  private checkAlive(): void {
    this.later(ALIVE_MS, () => {
      this.measure().catch(() => {});
      this.call('Runtime.evaluate', { expression: '1' }).then(
        () => this.checkAlive(),
        (error: Error) => this.fail(this.problem('does not respond', error.message)),
      );
    });
  }

  private async measure(): Promise<void> {
    const { processInfo } = await this.call('SystemInfo.getProcessInfo');
    const used = Array.isArray(processInfo) ? processInfo : [];
    const cpuS = used.reduce((sum, { cpuTime }) => sum + (Number(cpuTime) || 0), 0);
    const { lastUse } = this;
    this.lastUse = { cpuS, atMs: performance.now() };
    const elapsedS = (this.lastUse.atMs - lastUse.atMs) / 1000;
    // A process that has ended takes its time along.
    if (elapsedS > 0) this.percent = Math.round(Math.max(0, (100 * (cpuS - lastUse.cpuS)) / elapsedS));
  }

  /** What is of no use if it fails. */
  private send(method: string, params: Readonly<Record<string, unknown>>): void {
    this.call(method, params).catch(() => {});
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    this.timers.add(timer);
  }

  private fail(error: BulkheadError): void {
    this.failure ??= error;
    this.kill();
  }

  private problem(
    what: string,
    why: string,
    remedy = 'It is tried again; see that the page works in a browser.',
  ) {
    const where = redactUrl(this.options.input.url);
    return new BulkheadError(ErrorCodes.inputUnreachable, `The page ${where} ${what}: ${redactUrls(why)}.`, {
      where,
      remedy,
    });
  }
}

/** Chromium has no sandbox for root, and refuses to start unless that is accepted. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Not a <style> element, which the page's own policy may forbid. */
function styling(css: string): string {
  return `{
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(${JSON.stringify(css)});
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }`;
}
