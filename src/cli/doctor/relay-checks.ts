import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { RelayConfig } from '../../config/relay-output-schema.js';
import { runTool } from '../../encoder/run-ffmpeg.js';
import { WEB_RTC_PACKAGE } from '../../protocol/relay.js';
import { type Finding, ok, problem } from './finding.js';

const DEADLINE_MS = 10_000;

/** What an output that a relay sends needs: an ffmpeg with its protocol, or a folder to write into. */
export async function checkRelay(output: RelayConfig, ffmpeg: string | undefined): Promise<Finding[]> {
  const subject = `output ${output.id}`;
  if (output.type === 'hls') return output.folder === undefined ? [] : [checkFolder(subject, output.folder)];
  if (output.type === 'whip') return checkWhip(output.id, ffmpeg);
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

/** The library is not loaded here: it is native. */
async function checkWhip(id: string, ffmpeg: string | undefined): Promise<Finding[]> {
  const subject = `output ${id}`;
  try {
    createRequire(import.meta.url).resolve(WEB_RTC_PACKAGE);
  } catch {
    const remedy = 'Install Bulkhead again with optional packages, or use another protocol.';
    return [{ ...problem(subject, `WHIP needs the package ${WEB_RTC_PACKAGE}`, remedy), output: id }];
  }
  if (ffmpeg === undefined) return [];
  const { stdout } = await runTool(ffmpeg, ['-hide_banner', '-encoders'], { deadlineMs: DEADLINE_MS });
  if (/ libopus /.test(stdout)) return [ok(subject, 'this computer can send by WHIP')];
  const remedy = 'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration.';
  return [{ ...problem(subject, `${ffmpeg} cannot encode Opus, which WHIP needs`, remedy), output: id }];
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
