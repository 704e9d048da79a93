import { join } from 'node:path';
import { type FfmpegTarget, type FfmpegTargetKind, PLAYLIST, type RelaySecrets } from '../protocol/relay.js';

/** MPEG-TS packets in a datagram. */
const PACKET_SIZE = 1316;
/** Bytes that the system keeps for a destination that is slow for a moment. */
const UDP_BUFFER = 1 << 20;
/** How long an SRT server may take to accept, ms. */
const SRT_CONNECT_MS = 5000;
/** How long a packet of one track is kept back for one of the other, µs. */
const INTERLEAVE_US = 500_000;

/**
 * Where the stream begins for ffmpeg, seconds: what is before is only there for it to know the tracks by. The core adds
 * `RELAY_OFFSET_MS` to all timestamps of the stream.
 */
const START_SECONDS = 0.5;

/**
 * ffmpeg's arguments: FLV from its standard input to the target, without encoding anew. Nothing in them is secret.
 *
 * @param hasPlaylist whether there is a playlist to continue, of HLS
 * @param optionsFile file of further options, if there are any: see `hiddenOptions`
 */
export function relayArguments(target: FfmpegTarget, hasPlaylist: boolean, optionsFile?: string): string[] {
  return [
    // With one frame of each track, all is known.
    ...['-probesize', '1000000', '-analyzeduration', '0', '-fpsprobesize', '0'],
    // The stream begins where the broadcast is, hours after the frames before it.
    ...['-dts_error_threshold', '1000000000'],
    ...['-f', 'flv', '-i', 'pipe:0'],
    ...[
      '-map',
      '0',
      '-c',
      'copy',
      '-ss',
      String(START_SECONDS),
      '-max_interleave_delta',
      String(INTERLEAVE_US),
    ],
    ...['-progress', 'pipe:1'],
    ...(optionsFile === undefined ? [] : ['-fpre', optionsFile]),
    ...destination(target, hasPlaylist),
  ];
}

function destination(target: FfmpegTarget, hasPlaylist: boolean): string[] {
  switch (target.kind) {
    case 'srt': {
      const { mode, latencyMs } = target;
      const options = [
        `mode=${mode}`,
        `latency=${latencyMs * 1000}`,
        `pkt_size=${PACKET_SIZE}`,
        mode === 'caller' ? `connect_timeout=${SRT_CONNECT_MS}` : 'listen_timeout=-1',
      ];
      return [...MPEG_TS, `srt://${hostPort(target)}?${options.join('&')}`];
    }
    case 'rist': {
      const { profile, bufferMs } = target;
      const options = ['-rist_profile', profile, '-pkt_size', String(PACKET_SIZE)];
      return [...MPEG_TS, ...options, `rist://${hostPort(target)}?buffer=${bufferMs}`];
    }
    case 'udp': {
      const options = [`pkt_size=${PACKET_SIZE}`, `buffer_size=${UDP_BUFFER}`];
      if (target.ttl !== undefined) options.push(`ttl=${target.ttl}`);
      return [...MPEG_TS, `udp://${hostPort(target)}?${options.join('&')}`];
    }
    case 'hls':
    case 'hls-push': {
      const { folder, segmentSeconds, playlistSegments } = target;
      const flags = [
        ...['delete_segments', 'omit_endlist', 'temp_file', 'program_date_time', 'independent_segments'],
        ...(hasPlaylist ? ['append_list'] : []),
      ];
      return [
        ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_list_size', String(playlistSegments)],
        ...['-hls_flags', flags.join('+')],
        // One that is begun anew has higher numbers than any before; one that is continued goes on with its own.
        ...(hasPlaylist ? [] : ['-hls_start_number_source', 'epoch']),
        ...['-hls_segment_filename', join(folder, 'segment-%d.ts').replace(/%(?!d\.ts$)/g, '%%')],
        join(folder, PLAYLIST),
      ];
    }
  }
}

const MPEG_TS = ['-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0', '-flush_packets', '1'];

/** Options that may be secret, and stay out of the arguments, which every user of the computer can read. */
export function hiddenOptions(
  kind: FfmpegTargetKind,
  { passphrase, streamId }: RelaySecrets,
): [string, string][] {
  const options: [string, string][] = [];
  if (kind === 'srt') {
    if (passphrase !== undefined) options.push(['passphrase', passphrase]);
    if (streamId !== undefined) options.push(['streamid', streamId]);
  }
  if (kind === 'rist' && passphrase !== undefined) {
    options.push(['secret', passphrase], ['encryption', '128']);
  }
  return options;
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
