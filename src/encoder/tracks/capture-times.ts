/** When the frames of slots were taken, until they have been delivered. */
export class CaptureTimes {
  private readonly bySlot = new Map<number, number>();

  /** It is taken now. By the system's clock, which others can be compared with. */
  note(slot: number): void {
    this.bySlot.set(slot, Date.now());
  }

  /** ms since 1970 */
  of(slot: number): number | undefined {
    return this.bySlot.get(slot);
  }

  /** Those up to this slot. */
  forget(last: number): void {
    for (const slot of this.bySlot.keys()) {
      if (slot > last) break;
      this.bySlot.delete(slot);
    }
  }
}
