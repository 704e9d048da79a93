import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { type Place, SourcePositions } from './source-position.js';
import { eventually } from './wait.js';

interface Script {
  readonly scriptId: string;
  readonly url: string;
  readonly positions: SourcePositions;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface CallFrame {
  readonly callFrameId: string;
  readonly location: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

/** Where the debugged process stands. */
export interface Stop extends Place {
  /** The value of an expression there. */
  evaluate(expression: string): Promise<unknown>;
}

/** Where the text is in a file. */
export function placeOf(file: string, text: string): Place {
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`"${text}" is not in ${file}`);
  return { file, line: index + 1, column: lines[index]?.indexOf(text) ?? 0 };
}

/** A debugger at Node's inspector, which sets breakpoints in sources as VS Code does. */
export class DebuggerClient {
  private readonly scripts = new Map<string, Script>();
  private readonly answers = new EventEmitter();
  private readonly stops: Stop[] = [];
  private readonly breakpoints: Place[] = [];
  private readonly placing = new Set<Promise<unknown>>();
  private lastId = 0;
  /** Resolves when the other side has closed the connection. */
  readonly closed: Promise<unknown>;

  private constructor(private readonly socket: WebSocket) {
    this.answers.setMaxListeners(0);
    this.closed = once(socket, 'close');
    socket.on('message', (data) => this.take(JSON.parse(String(data)) as Message));
  }

  /**
   * Attaches to the inspector at the port, once there is one.
   *
   * @param pauseForSourceMap Whether to stop before each script with a source map, to set its breakpoints first.
   */
  static async attach(port: number, { pauseForSourceMap = false } = {}): Promise<DebuggerClient> {
    const socket = await eventually('the inspector', () => connect(port).catch(() => undefined));
    const client = new DebuggerClient(socket);
    await client.send('Runtime.enable');
    await client.send('Debugger.enable');
    if (pauseForSourceMap) {
      await client.send('Debugger.setInstrumentationBreakpoint', {
        instrumentation: 'beforeScriptWithSourceMapExecution',
      });
    }
    return client;
  }

  /** Breaks there in every script, also in those that are loaded later. */
  async breakAt(place: Place): Promise<void> {
    this.breakpoints.push(place);
    for (const script of this.scripts.values()) this.place(script, place);
    await this.placed();
  }

  /** Breaks there from the first time that a file is loaded, as a debugger does that looks for its maps on the disk. */
  async breakAtIn(file: string, place: Place): Promise<void> {
    const url = pathToFileURL(file).href;
    const text = readFileSync(file, 'utf8');
    const [, map = ''] = /^\/\/# sourceMappingURL=(\S+)$/m.exec(text) ?? [];
    const at = new SourcePositions(url, map).generated(place, text);
    if (at === undefined) throw new Error(`${file} has nothing of ${place.file}:${place.line}`);
    await this.send('Debugger.setBreakpointByUrl', { url, ...at });
  }

  /** Lets a process go on that waits for a debugger, now or soon: a busy one may print that it listens long before it waits. */
  async begin(): Promise<void> {
    const go = () => this.send('Runtime.runIfWaitingForDebugger');
    const again = setInterval(() => void go().catch(() => {}), 500);
    void this.closed.then(() => clearInterval(again));
    await go();
  }

  /** The next stop at a breakpoint. Rejects when the connection is closed before. */
  stopped(): Promise<Stop> {
    return eventually('a stop at a breakpoint', () => {
      const stop = this.stops.shift();
      if (stop === undefined && this.socket.readyState !== WebSocket.OPEN) throw new Error('detached');
      return stop;
    });
  }

  async resume(): Promise<void> {
    await this.send('Debugger.resume');
  }

  async send(method: string, params: object = {}): Promise<unknown> {
    this.lastId += 1;
    const id = this.lastId;
    const answer = once(this.answers, String(id)) as Promise<[Message]>;
    this.socket.send(JSON.stringify({ id, method, params }));
    const closed = this.closed.then(() => {
      throw new Error(`${method}: the connection was closed`);
    });
    const [{ result, error }] = await Promise.race([answer, closed]);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  detach(): void {
    this.socket.terminate();
  }

  private take({ id, method, params, ...answer }: Message): void {
    if (id !== undefined) this.answers.emit(String(id), answer);
    else if (method === 'Debugger.scriptParsed') this.addScript(params as ParsedScript);
    else if (method === 'Debugger.paused') this.pause(params as Paused).catch(() => {});
  }

  private addScript({ scriptId, url, sourceMapURL }: ParsedScript): void {
    if (
      !sourceMapURL ||
      !url.startsWith('file:') ||
      url.includes('/dist/bin/') ||
      url.includes('/plugin-tools/')
    )
      return;
    const script = { scriptId, url, positions: new SourcePositions(url, sourceMapURL) };
    this.scripts.set(scriptId, script);
    for (const place of this.breakpoints) this.place(script, place);
  }

  private place({ scriptId, positions }: Script, place: Place): void {
    const set = async () => {
      const { scriptSource } = (await this.send('Debugger.getScriptSource', { scriptId })) as {
        readonly scriptSource: string;
      };
      const at = positions.generated(place, scriptSource);
      if (at !== undefined) await this.send('Debugger.setBreakpoint', { location: { scriptId, ...at } });
    };
    // The process may end meanwhile.
    const done: Promise<unknown> = set()
      .catch(() => {})
      .finally(() => this.placing.delete(done));
    this.placing.add(done);
  }

  private async placed(): Promise<void> {
    await Promise.all(this.placing);
  }

  private async pause({ reason, callFrames: [frame] }: Paused): Promise<void> {
    if (reason === 'instrumentation' || frame === undefined) {
      await this.placed();
      await this.resume();
      return;
    }
    const { scriptId, lineNumber, columnNumber } = frame.location;
    const place = this.scripts.get(scriptId)?.positions.original(lineNumber, columnNumber);
    this.stops.push({
      file: place?.file ?? '',
      line: place?.line ?? 0,
      column: place?.column ?? 0,
      evaluate: async (expression) => {
        const { callFrameId } = frame;
        const options = { callFrameId, expression, returnByValue: true };
        const { result } = (await this.send('Debugger.evaluateOnCallFrame', options)) as {
          readonly result: { readonly value?: unknown };
        };
        return result.value;
      },
    });
  }
}

interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL?: string;
}

interface Paused {
  readonly reason: string;
  readonly callFrames: readonly CallFrame[];
}

async function connect(port: number): Promise<WebSocket> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await response.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  return socket;
}
