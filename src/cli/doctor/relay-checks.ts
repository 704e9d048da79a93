import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { RelayConfig } from '../../config/relay-output-schema.js';
import { runTool } from '../../encoder/run-ffmpeg.js';
import { type Finding, ok, problem } from './finding.js';

const DEADLINE_MS = 10_000;

/** What an output that a relay sends needs: an ffmpeg with its protocol, or a folder to write into. */
export async function checkRelay(output: RelayConfig, ffmpeg: string | undefined): Promise<Finding[]> {
  const subject = `output ${output.id}`;
  if (output.type === 'hls') return output.folder === undefined ? [] : [checkFolder(subject, output.folder)];
  if (ffmpeg === undefined) return [];
  const { stdout } = await runTool(ffmpeg, ['-hide_banner', '-protocols'], { deadlineMs: DEADLINE_MS });
  const protocols = (/^Output:$([\s\S]*)/m.exec(stdout)?.[1] ?? '').split(/\s+/);
  if (protocols.includes(output.type))
    return [ok(subject, `ffmpeg can send by ${output.type.toUpperCase()}`)];
  return [
    {
      ...problem(
        subject,
        `${ffmpeg} cannot send by ${output.type.toUpperCase()}`,
        'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration.',
      ),
      output: output.id,
    },
  ];
}

function checkFolder(subject: string, folder: string): Finding {
  let existing = folder;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    if (!statSync(existing).isDirectory()) throw new Error(`${existing} is a file`);
    accessSync(existing, constants.W_OK);
    return ok(subject, `${folder} can be written to`);
  } catch (error) {
    return problem(
      subject,
      `${folder} cannot be written to: ${(error as Error).message}`,
      'Give the user of Bulkhead write permission there, or choose another folder.',
    );
  }
}
