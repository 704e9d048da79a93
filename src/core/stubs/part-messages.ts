import * as z from '../../base/zod.js';
import { MOST_BUSES } from '../../config/mixer-schema.js';
import { SOURCE_TYPES } from '../../config/schema.js';
import { boundedList, boundedRecord } from '../../protocol/bounded.js';
import { MAX_RENDITION, SOURCE_STATES } from '../../protocol/encoder.js';
import { type ErrorCode, ErrorCodes } from '../../protocol/errors.js';

/**
 * Messages that the core's own parts may send it. They are checked like a plugin's, since the parts process data
 * of any origin.
 */

const Count = z.number().nonnegative();
const Text = z.string().max(10_000);
const Url = z.string().max(2000);
const Port = z.int().min(1).max(65_535);

const ErrorDataSchema = z.object({
  code: z.enum(Object.values(ErrorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: Text,
  where: Text.optional(),
  remedy: Text.optional(),
});

/** Sources of an encoder. */
const MAX_SOURCES = 256;

const Pid = z.int().nonnegative();

const ProcessesSchema = z.object({
  ...{ videoPid: Pid, audioPid: Pid, heldVideoPid: Pid, heldAudioPid: Pid },
  busPids: z.array(Pid).max(MOST_BUSES).optional(),
});

export const ProgressSchema = z.object({
  frames: Count,
  fps: Count,
  bitrateKbps: Count,
  queuedFrames: Count,
  skippedSlots: Count,
  repeatedFrames: Count,
  processes: ProcessesSchema,
  preset: z.string().max(200),
  renditions: boundedList(
    z.object({
      id: z.int().min(1).max(MAX_RENDITION),
      videoPid: Pid,
      heldVideoPid: Pid,
      fps: Count,
      bitrateKbps: Count,
      skippedSlots: Count,
      error: ErrorDataSchema.optional(),
    }),
    MAX_RENDITION,
  ).optional(),
});

const Level = z.number().nullable();
const LevelsSchema = z.object({ peakDbfs: Level, rmsDbfs: Level, shortTermLufs: Level });
export const MixLevelsSchema = z.object({
  mix: LevelsSchema,
  sources: boundedRecord(LevelsSchema, MAX_SOURCES),
});

/** As long as a message of the encoder may be. */
export const SnapshotSchema = z.object({ image: z.base64().max(256 * 1024) });

export const AdaptedSchema = z.object({
  what: z.enum(['down', 'up', 'exhausted']),
  preset: z.string().max(200),
  stride: z.union([z.literal(1), z.literal(2)]),
});

export const SourcesSchema = z.object({
  sources: z
    .array(
      z.object({
        id: z.string().max(64),
        type: z.enum(SOURCE_TYPES),
        state: z.enum(SOURCE_STATES),
        pid: Pid,
        item: z.int().nonnegative(),
        round: z.int().nonnegative().optional(),
        positionMs: Count,
        cpuPercent: Count.optional(),
        error: ErrorDataSchema.optional(),
      }),
    )
    .max(MAX_SOURCES),
  frames: Count,
});

export const ProblemSchema = ErrorDataSchema;

export const ExitedSchema = z.object({
  exitCode: z.int().nullable(),
  signal: z.string().max(100).nullable(),
  finished: z.boolean(),
  error: ErrorDataSchema.optional(),
});

export const EncoderStartedSchema = z.object({
  processes: ProcessesSchema,
  ffmpegPath: Text,
  ffmpegVersion: Text,
});

export const LiveServerStartedSchema = z.object({
  publishUrl: Url,
  pageUrl: Url,
  playUrl: Url,
  ingestUrl: Url,
  rtmpPort: Port,
  httpPort: Port,
});

const Name = z.string().max(200);

export const IngestOpenSchema = z.object({
  ingest: Name,
  session: Count,
  program: z.string().max(300),
  address: Name,
});

export const IngestRefusedSchema = z.object({
  ingest: Name.optional(),
  address: Name,
  error: ErrorDataSchema,
});

const Path = z.string().max(5000);
const RecordedFileSchema = z.object({
  id: Name,
  part: z.int().positive(),
  path: Path,
  bytes: Count,
  recordedMs: Count,
  isOpen: z.boolean(),
});
/** A stream that changes its format all the time begins a file each time. */
const MAX_FILES = 1000;

export const RecorderStartedSchema = z.null();

export const RecorderWroteSchema = z.object({
  through: z.int().nonnegative(),
  files: boundedList(RecordedFileSchema, MAX_FILES),
  freeBytes: Count.optional(),
});

export const RecorderFailedSchema = z.object({
  error: ErrorDataSchema,
  files: boundedList(RecordedFileSchema, MAX_FILES),
});

export const RecorderRepairedSchema = z.object({
  files: boundedList(
    z.object({
      path: Path,
      recordedMs: Count,
      cutBytes: Count,
      result: z.enum(['repaired', 'complete', 'unusable', 'failed']),
      error: ErrorDataSchema.optional(),
    }),
    MAX_FILES,
  ),
});
