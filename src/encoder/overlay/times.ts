import type { ElementConfig } from '../../config/schema.js';

type Clock = Extract<ElementConfig, { type: 'clock' }>;
type Timer = Extract<ElementConfig, { type: 'timer' }>;

const SECOND_MS = 1000;

/** What a clock says. @param nowMs ms since 1970 */
export function clockText({ show, seconds, hour12, locale, timeZone }: Clock, nowMs: number): string {
  const time: Intl.DateTimeFormatOptions = {
    ...{ hour: '2-digit', minute: '2-digit' },
    ...(seconds ? { second: '2-digit' } : {}),
  };
  const date: Intl.DateTimeFormatOptions = { year: 'numeric', month: 'long', day: 'numeric' };
  return new Intl.DateTimeFormat(locale, {
    ...(show === 'time' ? {} : date),
    ...(show === 'date' ? {} : time),
    ...(hour12 === undefined ? {} : { hour12 }),
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(nowMs);
}

/** What a timer says. @param shownMs when its overlay was shown */
export function timerText({ until, since, endText }: Timer, shownMs: number, nowMs: number): string {
  if (until === undefined)
    return duration(Math.floor((nowMs - (since === undefined ? shownMs : Date.parse(since))) / SECOND_MS));
  // It reaches zero when it is over, and not a second before.
  const left = Math.ceil((Date.parse(until) - nowMs) / SECOND_MS);
  return left <= 0 && endText !== undefined ? endText : duration(left);
}

/** When a clock or a timer says something else, ms since 1970. */
export function nextChangeMs(element: Clock | Timer, shownMs: number, nowMs: number): number {
  const origin = element.type === 'clock' ? 0 : Date.parse(element.until ?? element.since ?? '') || shownMs;
  const since = (((nowMs - origin) % SECOND_MS) + SECOND_MS) % SECOND_MS;
  return nowMs + SECOND_MS - since;
}

function duration(seconds: number): string {
  const whole = Math.max(0, seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
