import type { VideoCodec } from '../../config/video-codec.js';
import { av1Config, parseTemporalUnit } from '../../media/av1.js';
import { FlvDemuxer } from '../../media/flv-demuxer.js';
import { hevcConfig, isDelimiter, isParameterSet, isRandomAccess } from '../../media/hevc.js';
import { splitByteStream, withLengths } from '../../media/nal-units.js';
import { NutDemuxer } from '../../media/nut-demuxer.js';
import { enhancedFrame, enhancedHeader, parseVideoPayload } from '../../media/video-payload.js';

/** Takes what an encoder's process delivers, as bodies of FLV tags in decoding order. */
export interface CodedVideoSink {
  takeHeader(payload: Buffer): void;
  takeFrame(ptsMs: number, payload: Buffer): void;
}

/** How an encoder's process hands over its frames, and how they are read. */
export interface CodedVideo {
  /** ffmpeg's arguments for its output. */
  readonly muxer: readonly string[];
  /** Takes the next bytes. @throws Error if they are not in this format */
  readonly read: (chunk: Buffer) => void;
}

/** Read where no frame has begun, bytes. */
const SCRATCH_BYTES = 4096;

/**
 * H.264 comes in FLV. Of HEVC and AV1 ffmpeg before 6.1 writes no FLV, and SVT-AV1 then hangs: they come in NUT, and their tags are made
 * here.
 *
 * @param leadMs how much earlier than it is shown a frame of HEVC is decoded, which NUT does not say
 */
export function codedVideo(codec: VideoCodec, leadMs: number, sink: CodedVideoSink): CodedVideo {
  switch (codec) {
    case 'h264':
      return flvVideo(sink);
    case 'hevc':
      return nutVideo(hevcTags(sink, leadMs));
    case 'av1':
      return nutVideo(av1Tags(sink));
  }
}

function flvVideo(sink: CodedVideoSink): CodedVideo {
  const demuxer = new FlvDemuxer(({ kind, timestampMs, payload }) => {
    if (kind !== 'video') return;
    const what = parseVideoPayload(payload);
    if (what.kind === 'header') sink.takeHeader(payload);
    else if (what.kind !== 'other') sink.takeFrame(timestampMs + what.compositionMs, payload);
  });
  return {
    muxer: ['-f', 'flv', '-flvflags', 'no_duration_filesize+no_sequence_end'],
    read: (chunk) => demuxer.push(chunk),
  };
}

type TakePacket = (ptsMs: number, packet: Buffer) => void;

function nutVideo(take: TakePacket): CodedVideo {
  const demuxer = new NutDemuxer(
    {
      place: (_stream, bytes) => Buffer.allocUnsafe(bytes),
      take: (_stream, timestampS, packet) => take(timestampS * 1000, packet),
      fail: (error) => {
        throw error;
      },
      wantsMore: true,
    },
    SCRATCH_BYTES,
  );
  return { muxer: ['-f', 'nut'], read: (chunk) => demuxer.push(chunk) };
}

function hevcTags(sink: CodedVideoSink, leadMs: number): TakePacket {
  let header: Buffer | undefined;
  return (ptsMs, packet) => {
    const units = splitByteStream(packet);
    const isKeyframe = isRandomAccess(units);
    const sets = units.filter(isParameterSet);
    header = announce(sink, header, 'hvc1', sets.length === 0 ? undefined : hevcConfig(sets));
    const frame = withLengths(units.filter((unit) => !isDelimiter(unit)));
    sink.takeFrame(ptsMs, enhancedFrame('hvc1', isKeyframe, Math.round(leadMs), frame));
  };
}

function av1Tags(sink: CodedVideoSink): TakePacket {
  let header: Buffer | undefined;
  return (ptsMs, packet) => {
    const frame = parseTemporalUnit(packet);
    if (frame === undefined) throw new Error('an AV1 frame cannot be read');
    const { isKeyframe, bytes, sequenceHeader } = frame;
    header = announce(sink, header, 'av01', sequenceHeader && av1Config(sequenceHeader));
    sink.takeFrame(ptsMs, enhancedFrame('av01', isKeyframe, 0, bytes));
  };
}

/** Sends the header if it is another than before. @returns the one that holds from now on */
function announce(
  sink: CodedVideoSink,
  before: Buffer | undefined,
  fourCc: string,
  config: Buffer | undefined,
): Buffer | undefined {
  if (config === undefined || before?.equals(config)) return before;
  sink.takeHeader(enhancedHeader(fourCc, config));
  return config;
}
