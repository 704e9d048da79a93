import { type BroadcastStatus, l10n } from '@bulkhead/extension-api';
import type { BroadcastEvent } from './broadcast-events.js';

/** The webhook's format: Discord's, or plain JSON. */
export type Format = 'discord' | 'json';

/** One announcement. */
export interface Announcement {
  readonly event: BroadcastEvent | 'test';
  readonly atMs: number;
  readonly uptimeMs: number;
  readonly longestGapMs: number;
  readonly streamUrl: string;
}

export function announce(
  event: Announcement['event'],
  status: BroadcastStatus,
  streamUrl: string,
): Announcement {
  return {
    event,
    atMs: Date.now(),
    uptimeMs: status.uptimeMs,
    longestGapMs: Math.round(status.stats.maxGapMs),
    streamUrl,
  };
}

/** For viewers, in the streamer's language. */
const TEXTS: Readonly<Record<Announcement['event'], () => string>> = {
  start: () => l10n.t('We are live!'),
  break: () => l10n.t('The stream was interrupted. It will resume by itself; please stay with us.'),
  recover: () => l10n.t('The stream is back.'),
  end: () => l10n.t('The stream has ended. Thank you for watching!'),
  test: () => l10n.t('This is a test of the go-live notifier.'),
};

/** Colours of Discord's embeds, 0xRRGGBB. */
const COLORS: Readonly<Record<Announcement['event'], number>> = {
  start: 0x2ecc71,
  break: 0xe67e22,
  recover: 0x2ecc71,
  end: 0x95a5a6,
  test: 0x3498db,
};

/**
 * The body of the request. Discord: https://discord.com/developers/docs/resources/webhook#execute-webhook; mentions
 * are disabled, whatever the text contains.
 */
export function bodyOf(announcement: Announcement, format: Format): unknown {
  const { event, atMs, uptimeMs, longestGapMs, streamUrl } = announcement;
  const at = new Date(atMs).toISOString();
  if (format === 'json') return { event, text: TEXTS[event](), at, uptimeMs, longestGapMs, streamUrl };
  const fields =
    event === 'end'
      ? [
          { name: l10n.t('On air for'), value: duration(uptimeMs), inline: true },
          { name: l10n.t('Longest gap'), value: `${longestGapMs} ms`, inline: true },
        ]
      : [];
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: TEXTS[event](),
        ...(streamUrl === '' ? {} : { url: streamUrl }),
        color: COLORS[event],
        timestamp: at,
        fields,
      },
    ],
  };
}

/** `3:25:07`. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
