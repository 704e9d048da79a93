// Checks recordings of a broadcast as a viewer sees it, independently of what Bulkhead counts. Prints what it measured, and
// exits with 1 if it found a fault. Frames are known by their number if the clip that was played has marks (test/support/marks.ts).
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkRecording } from './recording/check-recording.js';
import { faultsOf } from './recording/faults.js';
import { describeRecording } from './recording/report.js';

const USAGE = `usage: check-recording FILE … [--json] [--rate FPS] [--loop FRAMES] [--from SECONDS]
  --rate FPS      frames per second of the clip that was played; by default the recording's own
  --loop FRAMES   frames of the clip, if it was looped
  --from SECONDS  what is before is not checked
  --json          print the measurements and the faults as JSON`;

function fail(message: string): never {
  console.error(`check-recording: ${message}\n${USAGE}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        rate: { type: 'string' },
        loop: { type: 'string' },
        from: { type: 'string' },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function positive(name: 'rate' | 'loop' | 'from', text: string | undefined): number | undefined {
  const value = Number(text);
  if (text !== undefined && !(value > 0)) fail(`--${name} expects a number above 0, not "${text}"`);
  return text === undefined ? undefined : value;
}

const { positionals: files, values } = parse();
const fromS = positive('from', values.from);
const options = {
  rate: positive('rate', values.rate),
  loop: positive('loop', values.loop),
  fromMs: fromS === undefined ? undefined : fromS * 1000,
};
if (files.length === 0) fail('no file is named');
const missing = files.find((file) => !existsSync(file));
if (missing !== undefined) fail(`there is no file ${missing}`);

const checks: object[] = [];
for (const file of files) {
  try {
    const check = await checkRecording(file, options);
    const faults = faultsOf(check);
    if (faults.length > 0) process.exitCode = 1;
    checks.push({ ...check, faults });
    if (values.json !== true) console.log(describeRecording(check, faults));
  } catch (error) {
    fail((error as Error).message);
  }
}
if (values.json === true) console.log(JSON.stringify(checks, undefined, 2));
