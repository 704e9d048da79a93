/** What one core with its plugins costs. */
export interface Figures {
  /** From the start until every plugin is active, ms. */
  readonly activeMs: number;
  /** Of all hosts, with what keeps them apart: their proportional share of memory, MB. */
  readonly pssMb: number;
  /** Of the core's own resident memory, MB. */
  readonly growthMb: number;
  /** The longest that the core's event loop was held up, ms. */
  readonly lateMs: number;
}
