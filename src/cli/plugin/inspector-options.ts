import { InvalidArgumentError, Option } from 'commander';
import { INSPECTOR_HOST, type InspectorOptions } from '../../protocol/inspector.js';

/** Node's own. */
const DEFAULT_PORT = '9229';
const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65535;

export interface InspectOptions {
  readonly inspect?: number;
  readonly inspectBrk?: number;
}

/** @param waitsFor What waits until a debugger has attached: "before the tests are loaded". */
export const inspectOptions = (waitsFor: string) => [
  new Option(
    '--inspect [port]',
    `open Node's inspector for a debugger, at ${INSPECTOR_HOST} only (default port: ${DEFAULT_PORT})`,
  )
    .preset(DEFAULT_PORT)
    .argParser(inspectorPort)
    .conflicts('inspectBrk'),
  new Option('--inspect-brk [port]', `the same, and wait for the debugger ${waitsFor}`)
    .preset(DEFAULT_PORT)
    .argParser(inspectorPort),
];

/** Undefined if no inspector is asked for. */
export function inspectorOf({ inspect, inspectBrk }: InspectOptions): InspectorOptions | undefined {
  const port = inspectBrk ?? inspect;
  return port === undefined ? undefined : { port, wait: inspectBrk !== undefined };
}

function inspectorPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= LOWEST_PORT && port <= HIGHEST_PORT) return port;
  throw new InvalidArgumentError(
    `Expected a port from ${LOWEST_PORT} to ${HIGHEST_PORT}; the address is ${INSPECTOR_HOST} always. Give the folder before it.`,
  );
}
