import { isHeaderKind, StreamHeaders } from '../media/stream-headers.js';
import { isExtraHeader, type StreamTag, trackKey } from '../media/stream-tag.js';
import { TagStreamReader } from '../media/tag-stream.js';
import { BulkheadError } from '../protocol/errors.js';
import type {
  FileToRecord,
  RecordedFileReport,
  RecorderCommand,
  RecorderFailedParams,
  RecorderStartParams,
  RecorderWroteParams,
  RepairedFile,
} from '../protocol/recorder.js';
import { withoutWaiting } from './disk.js';
import { RecordedFile } from './recorded-file.js';
import { diskFull, isOfSystem, recordingError } from './recorder-errors.js';
import { type RecordingTools, repairFile, repairFolder } from './repair.js';

/** How often the disk is asked what is free, ms. */
const ASK_FREE_MS = 1000;

export interface RecorderEvents {
  readonly onWrote: (report: RecorderWroteParams) => void;
  readonly onFailed: (
    report: Omit<RecorderFailedParams, 'error'> & { readonly error: BulkheadError },
  ) => void;
  readonly onRepaired: (files: readonly RepairedFile[]) => void;
}

/** Writes what the core sends into files. */
export class Recorder {
  private readonly headers = new StreamHeaders();
  private readonly extraHeaders = new Map<string, StreamTag>();
  private file: RecordedFile | undefined;
  /** Ended since the last report. */
  private ended: RecordedFileReport[] = [];
  private freeBytes: number | undefined;
  private askedFreeAtMs = Number.NEGATIVE_INFINITY;
  private hasFailed = false;
  /** Folders that were searched for unfinished files. */
  private readonly searched = new Set<string>();

  constructor(
    private readonly tools: RecordingTools,
    private readonly events: RecorderEvents,
  ) {}

  /** Goes on with the file that another recorder has left. @throws BulkheadError `recording.failed` */
  async resume({ file, part, path }: NonNullable<RecorderStartParams['resume']>): Promise<void> {
    const { disk, containers } = this.tools;
    try {
      this.file = await RecordedFile.resume(disk, containers[file.format], file, { part, path });
    } catch (error) {
      throw recordingError(error, path);
    }
  }

  /**
   * Takes tags and commands until there are no more; then the file is ended, if that was not commanded: the core is gone.
   *
   * @throws what is a defect
   */
  async take(stream: AsyncIterable<Buffer>): Promise<void> {
    const reader = new TagStreamReader();
    try {
      for await (const chunk of stream) {
        for (const item of reader.push(chunk)) {
          if (this.hasFailed) continue;
          const work = 'tag' in item ? this.takeTag(item.tag) : this.obey(item.command as RecorderCommand);
          if (work !== undefined) await this.guarded(work);
        }
      }
    } catch (error) {
      // The core was killed while it was sending.
      if (!isOfSystem(error)) throw error;
    }
    if (!this.hasFailed) await this.guarded(this.endFile());
  }

  /** A file may have to begin, which takes its time. */
  private takeTag(tag: StreamTag): Promise<void> | undefined {
    if (isHeaderKind(tag.kind)) this.headers.set(tag.kind, tag.payload);
    else if (isExtraHeader(tag)) this.extraHeaders.set(trackKey(tag), tag);
    const { file } = this;
    if (file === undefined) return undefined;
    if (!file.accepts(tag)) return this.beginPart(file, tag);
    file.write(tag);
    return undefined;
  }

  /** The stream has changed, so that it does not fit into the file. */
  private async beginPart(before: RecordedFile, tag: StreamTag): Promise<void> {
    await this.endFile();
    const file = await this.begin(before.settings, before.part + 1);
    for (const [kind, payload] of this.headers.entries()) file.write({ ...tag, kind, payload });
    for (const header of this.extraHeaders.values()) file.write({ ...header, timestampMs: tag.timestampMs });
    file.write(tag);
  }

  private obey(command: RecorderCommand): Promise<void> | undefined {
    switch (command.kind) {
      case 'open':
        return this.open(command.file);
      case 'chapter':
        this.file?.chapter(command.timestampMs, command.title);
        return undefined;
      case 'close':
        return this.endFile();
      case 'sync':
        return this.sync(command.through);
    }
  }

  private async open(settings: FileToRecord): Promise<void> {
    await this.endFile();
    await this.begin(settings, 1);
    if (this.searched.has(settings.folder)) return;
    this.searched.add(settings.folder);
    // Beside the recording, which goes on.
    void repairFolder(settings.folder, this.tools)
      .then((files) => {
        if (files.length > 0) this.events.onRepaired(files);
      })
      .catch(() => {});
  }

  private async begin(settings: FileToRecord, part: number): Promise<RecordedFile> {
    await this.checkFree(settings);
    const { disk: system, containers } = this.tools;
    const disk = settings.isQuick === true ? withoutWaiting(system) : system;
    this.file = await RecordedFile.create(disk, containers[settings.format], settings, part);
    return this.file;
  }

  private async endFile(): Promise<void> {
    const { file } = this;
    if (file === undefined) return;
    await file.end();
    this.file = undefined;
    this.ended.push(file.report());
  }

  private async sync(through: number): Promise<void> {
    const { file } = this;
    await file?.sync();
    if (file !== undefined) await this.checkFree(file.settings);
    const files = this.takeReports();
    const { freeBytes } = this;
    this.events.onWrote({ through, files, ...(freeBytes === undefined ? {} : { freeBytes }) });
  }

  /** @throws BulkheadError `recording.diskFull` */
  private async checkFree({ folder, keepFreeBytes }: FileToRecord): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.askedFreeAtMs < ASK_FREE_MS) return;
    this.askedFreeAtMs = nowMs;
    this.freeBytes = await this.tools.disk.free(folder).catch(() => undefined);
    if (this.freeBytes !== undefined && this.freeBytes < keepFreeBytes) throw diskFull(folder);
  }

  private takeReports(): RecordedFileReport[] {
    const reports = [...this.ended, ...(this.file === undefined ? [] : [this.file.report()])];
    this.ended = [];
    return reports;
  }

  private async guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof BulkheadError) && !isOfSystem(error)) throw error;
      await this.fail(error);
    }
  }

  /** What is on the disk is ended as well as the disk allows. */
  private async fail(error: unknown): Promise<void> {
    const { file } = this;
    this.hasFailed = true;
    const failure = recordingError(error, file?.path ?? '');
    if (file !== undefined) await this.salvage(file, error instanceof BulkheadError);
    this.events.onFailed({ error: failure, files: this.takeReports() });
  }

  /** @param isUsable whether nothing is wrong with the file itself: something that was not written would be missing at its end */
  private async salvage(file: RecordedFile, isUsable: boolean): Promise<void> {
    this.file = undefined;
    try {
      if (!isUsable) throw new Error('it can only be repaired');
      await file.end();
    } catch {
      await file.abandon();
      await repairFile(file.path, [file.settings.format], this.tools).catch(() => {});
    }
    this.ended.push(file.report());
  }
}
