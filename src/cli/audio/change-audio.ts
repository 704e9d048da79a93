import { editSound } from '../../config/edit-entries.js';
import { neededSound } from '../../config/parse-entry.js';
import { ControlClient } from '../../control-client/control-client.js';
import type { AudioList, MixedSource } from '../../protocol/audio.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import { editOnAir, type SaveOptions } from '../edit-on-air.js';
import { jsonArgument } from '../json-argument.js';
import type { AddressOptions, JsonOptions } from '../options.js';

type Common = AddressOptions & JsonOptions;
export type AudioOptions = SaveOptions & {
  readonly gainDb?: number;
  readonly mute?: boolean;
  readonly solo?: boolean;
  readonly pan?: number;
  readonly delayMs?: number;
  readonly mode?: string;
  readonly monitor?: string;
};

/** `bulkhead audio list`. */
export async function listAudio({ address, json }: Common, { stdout }: CliContext): Promise<number> {
  const client = await ControlClient.connect(address);
  try {
    const [list, { sources: open, audio }] = await Promise.all([client.audio.list(), client.status()]);
    const sources = list.sources.map((source) => ({
      ...source,
      peakDbfs: open.find(({ id }) => id === source.id)?.peakDbfs ?? null,
    }));
    if (json === true) stdout.json({ sources, ...(audio === undefined ? {} : { mix: audio }) }, 2);
    else {
      for (const source of sources)
        stdout.line(`${source.id}  ${described(source)}, ${level(source.peakDbfs)}`);
      if (audio !== undefined)
        stdout.line(`the mix: ${level(audio.peakDbfs)}, ${audio.shortTermLufs ?? '−∞'} LUFS`);
    }
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** `bulkhead audio set`. */
export async function setAudio(
  id: string,
  json: string | undefined,
  options: AudioOptions,
  context: CliContext,
): Promise<number> {
  const { gainDb, mute: muted, solo, pan, delayMs, mode, monitor } = options;
  const given = { gainDb, muted, solo, pan, delayMs, mode, monitor };
  const change = {
    ...(json === undefined ? {} : jsonArgument(json, '{ "compressor": { "thresholdDb": -20 } }')),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  if (Object.keys(change).length === 0) {
    throw new BulkheadError(ErrorCodes.configInvalid, 'nothing to change was given', {
      where: `mixer.sources.${id}`,
      remedy:
        'Give --gain-db, --mute, --no-mute, --solo, --no-solo, --pan, --delay-ms, --mode, --monitor or JSON.',
    });
  }
  return editOnAir(options, context, {
    ask: (client) => client.audio.set({ id, change }),
    lines: ({ sources }) => {
      const source = sources.find((one) => one.id === id);
      return [`The sound of "${id}" was changed${source === undefined ? '' : `: ${described(source)}`}.`];
    },
    saved: {
      ...{ list: 'sounds', id },
      edit: (text, now) => (now === undefined ? text : editedText(text, id, now)),
    },
  });
}

function editedText(text: string, id: string, { sources }: AudioList): string {
  const found = sources.find((source) => source.id === id);
  if (found === undefined) return text;
  const { id: _, ...sound } = found;
  return editSound(text, id, sound, neededSound(sound));
}

/** In words, what is not as it is by itself. */
function described({ gainDb, muted, solo, pan, delayMs, mode, monitor, ...effects }: MixedSource): string {
  const names = (['gate', 'equalizer', 'compressor', 'ducking'] as const).filter(
    (name) => effects[name] !== undefined,
  );
  return [
    `${gainDb > 0 ? '+' : ''}${gainDb} dB`,
    ...(muted ? ['muted'] : []),
    ...(solo ? ['solo'] : []),
    ...(pan === 0 ? [] : [`pan ${pan}`]),
    ...(delayMs === 0 ? [] : [delayMs > 0 ? `${delayMs} ms later` : `${-delayMs} ms early`]),
    ...(mode === 'always' ? ['in every scene'] : []),
    ...(monitor === 'off' ? [] : [monitor === 'only' ? 'monitored only' : 'monitored']),
    ...names,
  ].join(', ');
}

function level(peakDbfs: number | null): string {
  return peakDbfs === null ? 'silent' : `peak ${peakDbfs} dBFS`;
}
