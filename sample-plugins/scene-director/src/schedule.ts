import { l10n } from '@bulkhead/extension-api';

/** A scene that goes on air at a time of day. */
export interface Cue {
  /** Minutes since midnight. */
  readonly minute: number;
  readonly scene: string;
}

/** @throws An error for a line that is not a time and a scene. */
export function parseSchedule(lines: readonly string[]): Cue[] {
  return lines.map((line) => {
    const [, hours = '', minutes = '', scene = ''] = /^\s*(\d{1,2}):(\d{2})\s*=\s*(\S+)\s*$/.exec(line) ?? [];
    if (scene === '' || Number(hours) > 23 || Number(minutes) > 59) {
      throw new Error(l10n.t('schedule: expected a time and a scene, as in "20:15 = main", got "{0}"', line));
    }
    return { minute: 60 * Number(hours) + Number(minutes), scene };
  });
}

/** The scene whose time has come since `before`; the last one if there are several. Midnight lies between two days. */
export function dueScene(cues: readonly Cue[], before: Date, now: Date): string | undefined {
  let due: { readonly at: number; readonly scene: string } | undefined;
  for (const { minute, scene } of cues) {
    const time = new Date(now);
    time.setHours(0, minute, 0, 0);
    if (time > now) time.setDate(time.getDate() - 1);
    const at = time.getTime();
    if (at > before.getTime() && (due === undefined || at >= due.at)) due = { at, scene };
  }
  return due?.scene;
}
