import { type Axis, type Filter, triangleFilter } from './scale-filter.js';

/** What the kernel expects the weights to add up to. */
const ROW_SUM = 256;
const COLUMN_SUM = 16_384;
/** The kernel makes as many columns at once. */
const COLUMNS_AT_ONCE = 4;

/** How a plane is scaled, in the form in which `scalePlane` reads it. */
export class ScaleTables {
  readonly width: number;
  readonly height: number;
  /** The first column of the source that is needed. */
  readonly firstColumn: number;
  /** Columns of the source that are needed. */
  readonly lineWidth: number;
  readonly rowTaps: number;
  readonly columnTaps: number;
  /** All tables, and room for a line. */
  readonly bytes: number;
  private readonly rows: Filter;
  private readonly columns: Filter;
  /** Offsets in bytes. */
  private readonly offsets: { rowWeights: number; columnStarts: number; columnWeights: number; line: number };

  constructor(horizontal: Axis, vertical: Axis) {
    this.rows = triangleFilter(vertical, ROW_SUM);
    this.columns = triangleFilter(horizontal, COLUMN_SUM);
    this.width = horizontal.count;
    this.height = vertical.count;
    this.rowTaps = this.rows.taps;
    this.columnTaps = this.columns.taps <= 4 ? 4 : Math.ceil(this.columns.taps / 8) * 8;
    this.firstColumn = Math.min(...this.columns.starts);
    this.lineWidth = Math.max(...this.columns.starts) + this.columns.taps - this.firstColumn;

    const columns = Math.ceil(this.width / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE;
    const rowWeights = 4 * this.height;
    const columnStarts = rowWeights + 2 * this.height * this.rowTaps;
    const columnWeights = columnStarts + 4 * columns;
    const line = columnWeights + 2 * columns * this.columnTaps;
    this.offsets = { rowWeights, columnStarts, columnWeights, line };
    this.bytes = line + 2 * (this.lineWidth + this.columnTaps);
  }

  /** Writes the tables, and returns what `scalePlane` is given after the source's plane. */
  write(buffer: SharedArrayBuffer, address: number) {
    const { rows, columns, offsets, firstColumn, lineWidth, rowTaps, columnTaps } = this;
    const bytes = Buffer.from(buffer, address, this.bytes).fill(0, 0, offsets.line);
    for (const [row, start] of rows.starts.entries()) bytes.writeUInt32LE(start, 4 * row);
    for (const [index, weight] of rows.weights.entries()) {
      bytes.writeUInt16LE(weight, offsets.rowWeights + 2 * index);
    }
    for (const [column, start] of columns.starts.entries()) {
      bytes.writeUInt32LE(2 * (start - firstColumn), offsets.columnStarts + 4 * column);
      for (let tap = 0; tap < columns.taps; tap++) {
        const weight = columns.weights[column * columns.taps + tap] ?? 0;
        bytes.writeUInt16LE(weight, offsets.columnWeights + 2 * (column * columnTaps + tap));
      }
    }
    return [
      lineWidth,
      address,
      address + offsets.rowWeights,
      rowTaps,
      address + offsets.columnStarts,
      address + offsets.columnWeights,
      columnTaps,
      address + offsets.line,
    ] as const;
  }
}
