import { basename } from 'node:path';
import { printable } from '../base/printable.js';
import { redactUrl } from './input-secrets.js';
import type { InputConfig, SourceConfig } from './schema.js';

/** An input's name in the status, without secrets in its address: `talk.mp4`, `rtmp://host/app/***`. */
export function inputName(input: InputConfig | SourceConfig): string {
  switch (input.type) {
    case 'file':
    case 'image':
      return basename(input.path);
    case 'url':
    case 'browser':
      return redactUrl(input.url);
    case 'screen':
      return named('screen', input.window ?? input.display);
    case 'camera':
    case 'microphone':
      return named(input.type, input.device);
    case 'desktop-audio':
      return named('desktop audio', input.device);
    case 'test-pattern':
      return 'test pattern';
    case 'colour':
      return 'plain colour';
    case 'replay':
      return named('replay', input.file && basename(input.file));
    case 'text':
      return printable(input.text.length > 40 ? `${input.text.slice(0, 40)}…` : input.text);
    case 'plugin':
      return input.plugin;
    case 'playlist':
      return named('playlist', input.items.length === 1 ? basename(input.items[0] ?? '') : undefined);
    case 'source':
      return input.source;
    case 'ingest':
      return named('ingest', input.ingest === 'ingest' ? undefined : input.ingest);
  }
}

function named(kind: string, device: string | undefined): string {
  return device === undefined ? kind : `${kind} ${device}`;
}
