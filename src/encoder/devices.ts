import { readdirSync, readFileSync } from 'node:fs';
import { runTool } from './run-ffmpeg.js';

export interface CaptureDevice {
  /** As in the configuration. */
  readonly id: string;
  readonly name: string;
}

export interface DeviceList {
  readonly screens: readonly CaptureDevice[];
  readonly cameras: readonly CaptureDevice[];
  readonly microphones: readonly CaptureDevice[];
}

const DEADLINE_MS = 5000;

/** The capture devices of this computer. Kinds that cannot be listed are missing; never rejects. */
export async function listDevices(ffmpegPath: string): Promise<DeviceList> {
  switch (process.platform) {
    case 'darwin':
      return parseAvFoundation(
        await printed(ffmpegPath, ['-hide_banner', '-f', 'avfoundation', '-list_devices', 'true', '-i', '']),
      );
    case 'win32':
      return {
        screens: [{ id: 'desktop', name: 'The whole desktop' }],
        ...parseDirectShow(
          await printed(ffmpegPath, ['-hide_banner', '-f', 'dshow', '-list_devices', 'true', '-i', 'dummy']),
        ),
      };
    default:
      return { screens: xDisplays(), cameras: videoDevices(), microphones: await linuxMicrophones() };
  }
}

async function printed(path: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await runTool(path, args, { deadlineMs: DEADLINE_MS });
    return stdout + stderr;
  } catch {
    return '';
  }
}

function xDisplays(): CaptureDevice[] {
  const own = process.env['DISPLAY'];
  const local = entries('/tmp/.X11-unix')
    .filter((name) => /^X\d+$/.test(name))
    .map((name) => `:${name.slice(1)}`);
  return [...new Set([...(own === undefined || own === '' ? [] : [own]), ...local])].map((id) => ({
    id,
    name: id === own ? 'This X session' : 'An X display',
  }));
}

function videoDevices(): CaptureDevice[] {
  const folder = '/sys/class/video4linux';
  return entries(folder)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => ({ id: `/dev/${name}`, name: contents(`${folder}/${name}/name`).trim() }));
}

async function linuxMicrophones(): Promise<CaptureDevice[]> {
  const pulse = parsePulseSources(await printed('pactl', ['list', 'short', 'sources']));
  return pulse.length > 0 ? pulse : parseAlsaDevices(contents('/proc/asound/pcm'));
}

/** `1\talsa_input.usb-…\tmodule-alsa-card.c\ts16le 2ch 48000Hz\tRUNNING` */
export function parsePulseSources(text: string): CaptureDevice[] {
  return [...text.matchAll(/^\d+\t([^\t\n]+)\t/gm)].map(([, id = '']) => ({
    id,
    name: id.endsWith('.monitor') ? `Playback of ${id.slice(0, -'.monitor'.length)}` : id,
  }));
}

/** `00-02: ALC257 Analog : ALC257 Analog : playback 1 : capture 1` */
export function parseAlsaDevices(text: string): CaptureDevice[] {
  return [...text.matchAll(/^(\d+)-(\d+): ([^:]+) : .*\bcapture \d+/gm)].map(
    ([, card = '', device = '', name = '']) => ({
      id: `hw:${Number(card)},${Number(device)}`,
      name: name.trim(),
    }),
  );
}

/** `[AVFoundation indev @ 0x…] [0] FaceTime HD Camera`, below a heading for each kind. */
export function parseAvFoundation(text: string): DeviceList {
  const [, video = '', audio = ''] =
    /AVFoundation video devices:([\s\S]*?)(?:AVFoundation audio devices:([\s\S]*))?$/.exec(text) ?? [];
  const listed = (part: string): CaptureDevice[] =>
    [...part.matchAll(/\] \[(\d+)\] (.+)$/gm)].map(([, id = '', name = '']) => ({ id, name: name.trim() }));
  const displays = listed(video);
  return {
    screens: displays
      .map(({ name }) => /^Capture screen (\d+)$/.exec(name))
      .filter((match) => match !== null)
      .map(([name, id = '']) => ({ id, name })),
    cameras: displays.filter(({ name }) => !name.startsWith('Capture screen')),
    microphones: listed(audio),
  };
}

/** `[dshow @ …] "Integrated Camera" (video)`; up to ffmpeg 4.4 the kinds are in headings instead. */
export function parseDirectShow(text: string): Omit<DeviceList, 'screens'> {
  const cameras: CaptureDevice[] = [];
  const microphones: CaptureDevice[] = [];
  let heading = '';
  for (const line of text.split(/\r?\n/)) {
    heading = /DirectShow (video|audio) devices/.exec(line)?.[1] ?? heading;
    const [, name, kind = heading] = /\] +"([^"]+)"(?: \((video|audio|none)\))?/.exec(line) ?? [];
    if (name === undefined || line.includes('Alternative name')) continue;
    if (kind === 'video') cameras.push({ id: name, name });
    if (kind === 'audio') microphones.push({ id: name, name });
  }
  return { cameras, microphones };
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
