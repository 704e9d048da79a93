import { totalmem } from 'node:os';
import { formatBytes } from '../../base/format-bytes.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { FramePool, frameBytes } from './frame-pool.js';

/** Of the machine, for everything besides frames: the other processes, the encoders' own frames among them. */
const SHARE = 0.5;
/** Width and height that the configuration allows at least. */
const LEAST_PIXELS = 16;
/** What one memory can hold. */
const MOST_BYTES = 2 ** 32;

export interface CanvasFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/**
 * Bytes of frames that a canvas may have: half of the machine's memory, or of what this process' container may use; 4 GiB at most.
 *
 * @param containerBytes 0 or undefined without a limit
 */
export function memoryBudget(
  machineBytes = totalmem(),
  containerBytes = process.constrainedMemory(),
): number {
  const bytes = Math.min(machineBytes, containerBytes || Number.POSITIVE_INFINITY);
  return Math.min(MOST_BYTES, bytes * SHARE);
}

/**
 * Bytes of memory for a canvas' frames.
 *
 * @param framesAt how many frames are needed at a frame rate
 * @throws BulkheadError `config.invalid` if that is more than the budget, with the settings that would do
 */
export function canvasMemoryBytes(
  format: CanvasFormat,
  framesAt: (fps: number) => number,
  budget = memoryBudget(),
): number {
  const { width, height, fps } = format;
  const needed = bytesOf(format, framesAt);
  if (needed <= budget) return needed;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `Frames of ${width}x${height} at ${fps} fps need ${formatBytes(needed)} of memory; on this machine ${formatBytes(budget)} may be used for them.`,
    { where: 'video', remedy: fitting(format, framesAt, budget) },
  );
}

function bytesOf({ width, height, fps }: CanvasFormat, framesAt: (fps: number) => number): number {
  return FramePool.memoryBytes(frameBytes({ width, height }), framesAt(fps));
}

/** What would be right: a lower rate at this size, else a smaller size at this rate. */
function fitting(format: CanvasFormat, framesAt: (fps: number) => number, budget: number): string {
  const fits = (changed: Partial<CanvasFormat>) => bytesOf({ ...format, ...changed }, framesAt) <= budget;
  const rate = [60, 50, 30, 25].find((fps) => fps < format.fps && fits({ fps }));
  const size = [2, 3, 4, 6, 8, 12, 16]
    .map((part) => ({ width: evenPart(format.width, part), height: evenPart(format.height, part) }))
    .find((smaller) => Math.min(smaller.width, smaller.height) >= LEAST_PIXELS && fits(smaller));
  const smaller = size === undefined ? 'a smaller size' : `${size.width}x${size.height} or less`;
  if (rate === undefined) return `Set "video.width" and "video.height" to ${smaller}.`;
  return `Set "video.fps" to ${rate} or less, or "video.width" and "video.height" to ${smaller}.`;
}

function evenPart(pixels: number, part: number): number {
  return Math.floor(pixels / part / 2) * 2;
}
