import type { Status } from '../../protocol/status/status.js';
import {
  METERS,
  STATUS_SECTIONS,
  type StatusChangedParams,
  type StatusChanges,
  type StatusSection,
} from '../../protocol/status-changes.js';

const SECTIONS = Object.keys(STATUS_SECTIONS) as readonly StatusSection[];
const STATE_SECTIONS = SECTIONS.filter((section) => STATUS_SECTIONS[section] !== 'meters');
const METER_SECTIONS = SECTIONS.filter((section) => STATUS_SECTIONS[section] !== 'state');

interface SectionState {
  /** Its JSON without meters. */
  readonly text: string | undefined;
  readonly revision: number;
}

/**
 * Numbers the core's statuses. Each is compared with the previous one, so that any change leads to a new revision. A
 * comparison takes some 20 µs with few plugins and 100 µs with twenty.
 */
export class StatusRevisions {
  private readonly sections = new Map<StatusSection, SectionState>();
  private revision = 0;

  /** The status with its revision. */
  number(status: Omit<Status, 'revision'>): Status {
    const next = this.revision + 1;
    for (const section of STATE_SECTIONS) {
      const text = JSON.stringify(status[section], withoutMeters);
      const known = this.sections.get(section);
      if (known !== undefined && known.text === text) continue;
      this.sections.set(section, { text, revision: next });
      this.revision = next;
    }
    return { revision: this.revision, ...status };
  }

  /**
   * The difference between `status`, the last one numbered, and an earlier revision; undefined if there is none.
   *
   * @param withMeters Whether to always include the sections with meters.
   */
  changesSince(previous: number, status: Status, withMeters: boolean): StatusChangedParams | undefined {
    const changed = STATE_SECTIONS.filter(
      (section) => (this.sections.get(section)?.revision ?? 0) > previous,
    );
    const sections = new Set(withMeters ? [...changed, ...METER_SECTIONS] : changed);
    if (sections.size === 0) return undefined;
    const changes = Object.fromEntries([...sections].map((section) => [section, status[section] ?? null]));
    return { previous, revision: status.revision, changes: changes as StatusChanges };
  }
}

function withoutMeters(key: string, value: unknown): unknown {
  return METERS.has(key) ? undefined : value;
}
