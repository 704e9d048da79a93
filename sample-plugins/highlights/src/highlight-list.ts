/** Highlights as sites of videos take them in a description: from 0:00 on, a line each. */
export class HighlightList {
  private lines: { readonly atMs: number; readonly title: string }[] = [];

  add(title: string, atMs: number): void {
    this.lines.push({ atMs: Math.max(0, atMs), title });
  }

  clear(): void {
    this.lines = [];
  }

  get count(): number {
    return this.lines.length;
  }

  get text(): string {
    const sorted = [...this.lines].sort((a, b) => a.atMs - b.atMs);
    const all = sorted[0]?.atMs === 0 ? sorted : [{ atMs: 0, title: 'Start' }, ...sorted];
    return all.map(({ atMs, title }) => `${clock(atMs)} ${title}`).join('\n');
  }
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours === 0 ? minutes : `${hours}:${two(minutes)}`}:${two(seconds % 60)}`;
}
