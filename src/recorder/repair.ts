import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { RecordingFormat } from '../config/recording-schema.js';
import type { Container, ScannedFile } from '../media/containers/container.js';
import { type ContainerName, containers } from '../media/containers/containers.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { RepairedFile } from '../protocol/recorder.js';
import { type Disk, type OpenedFile, systemDisk } from './disk.js';
import { FileSink } from './file-sink.js';
import { filesWithJournal, isOwnHost, type Journal, readJournal, removeJournal } from './journal.js';
import { recordingError } from './recorder-errors.js';

/** What recordings are written with. */
export interface RecordingTools {
  readonly disk: Disk;
  readonly containers: Readonly<Record<ContainerName, Container>>;
}

export const recordingTools: RecordingTools = { disk: systemDisk, containers };

/**
 * Repairs a file that was cut off, or those in a folder that were left unfinished. What another process still records is left alone.
 *
 * @throws BulkheadError `config.invalid` if there is nothing at that path, or if it is no recording
 */
export async function repair(path: string, tools = recordingTools): Promise<RepairedFile[]> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw new BulkheadError(ErrorCodes.configInvalid, `no such file or folder: ${path}`, { cause: error });
  }
  if (isFolder) return repairFolder(path, tools);
  const formats = formatsOf(path, await readJournal(tools.disk, path));
  const isRecording = formats.length > 0;
  const repaired = isRecording ? await repairFile(path, formats, tools) : undefined;
  if (repaired !== undefined) return [repaired];
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    isRecording ? `${path} is being recorded` : `${path} is no recording: expected .mkv or .mp4`,
    { where: path, remedy: isRecording ? 'Wait until the recording has ended.' : undefined },
  );
}

/** Repairs what was left unfinished in a folder, one file after the other. */
export async function repairFolder(folder: string, tools = recordingTools): Promise<RepairedFile[]> {
  const repaired: RepairedFile[] = [];
  for (const path of await filesWithJournal(tools.disk, folder)) {
    const journal = await readJournal(tools.disk, path);
    const formats = formatsOf(path, journal);
    if (!isOwnHost(journal) || formats.length === 0) continue;
    const result = await repairFile(path, formats, tools);
    if (result !== undefined) repaired.push(result);
  }
  return repaired;
}

/**
 * Undefined if another process has the file, or if there is none.
 *
 * @param formats which the file may have
 */
export async function repairFile(
  path: string,
  formats: readonly RecordingFormat[],
  { disk, containers }: RecordingTools,
): Promise<RepairedFile | undefined> {
  const lock = await disk.lock(path);
  if (lock === undefined) return undefined;
  let file: OpenedFile | undefined;
  try {
    file = await disk.open(path, 'r+');
    const repaired = await repairOpened(
      path,
      file,
      formats.map((format) => containers[format]),
    );
    await removeJournal(disk, path);
    return repaired;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      // It was removed since, or never made.
      await removeJournal(disk, path);
      return undefined;
    }
    const failure = recordingError(error, path).toData();
    return { path, recordedMs: 0, cutBytes: 0, result: 'failed', error: failure };
  } finally {
    await file?.close().catch(() => {});
    lock.dispose();
  }
}

async function repairOpened(
  path: string,
  file: OpenedFile,
  possible: readonly Container[],
): Promise<RepairedFile> {
  const size = await file.size();
  let container: Container | undefined;
  let scanned: ScannedFile | undefined;
  for (container of possible) {
    scanned = await container.scan({ size, read: file.read });
    if (scanned !== undefined) break;
  }
  if (container === undefined || scanned === undefined)
    return { path, recordedMs: 0, cutBytes: 0, result: 'unusable' };
  const { wholeBytes, endMs: recordedMs } = scanned;
  if (scanned.isComplete) return { path, recordedMs, cutBytes: 0, result: 'complete' };
  if (wholeBytes < size) await file.truncate(wholeBytes);
  const sink = new FileSink(file, wholeBytes);
  container.resume(sink, scanned).end();
  try {
    await sink.sync();
  } catch (error) {
    // Without its index it can be played as well.
    await file.truncate(wholeBytes);
    throw error;
  }
  return { path, recordedMs, cutBytes: size - wholeBytes, result: 'repaired' };
}

/** By the extension, without a journal. */
function formatsOf(path: string, journal: Journal | undefined): readonly RecordingFormat[] {
  if (journal !== undefined) return [journal.format];
  const extension = extname(path).toLowerCase();
  if (extension === '.mkv') return ['mkv'];
  return extension === '.mp4' ? ['hybrid-mp4', 'fragmented-mp4'] : [];
}
