import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { cpuProfile } from './cpu-profile.js';
import { V8Log } from './v8-log.js';

/** Prints the CPU profile of V8's log whose path is the argument. A process of its own, since a plugin's has written the log. */
async function main(path: string): Promise<void> {
  const log = new V8Log();
  const lines = createInterface({
    input: createReadStream(path, 'latin1'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) log.read(line);
  process.stdout.write(JSON.stringify(cpuProfile(log.samples)));
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
