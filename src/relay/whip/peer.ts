import type { Disposable } from 'vscode-jsonrpc';
import { withDeadline } from '../../base/with-deadline.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** As much of `node-datachannel` as is used; it may not be installed, and then the compiler has no types of it. */
export interface WebRtcLibrary {
  readonly PeerConnection: new (
    name: string,
    config: { readonly iceServers: readonly string[]; readonly disableAutoNegotiation: boolean },
  ) => LibraryPeer;
  readonly Video: new (
    mid: string,
    direction: 'SendOnly',
  ) => LibraryMedia & { addH264Codec(type: number, parameters: string): void };
  readonly Audio: new (
    mid: string,
    direction: 'SendOnly',
  ) => LibraryMedia & { addOpusCodec(type: number, parameters: string): void };
  /** Sends again what a receiver says that it has not got. */
  readonly RtcpNackResponder: new (
    packets: number,
  ) => object;
}

interface LibraryMedia {
  addSSRC(ssrc: number, name: string, stream: string, track: string): void;
}

interface LibraryTrack {
  setMediaHandler(handler: object): void;
  onMessage(take: (message: Buffer) => void): void;
  isOpen(): boolean;
  sendMessageBinary(packet: Buffer): boolean;
}

interface LibraryPeer {
  addTrack(media: LibraryMedia): LibraryTrack;
  setLocalDescription(type: 'offer'): void;
  localDescription(): { readonly sdp: string } | null;
  setRemoteDescription(sdp: string, type: 'answer'): void;
  gatheringState(): string;
  onGatheringStateChange(take: (state: string) => void): void;
  onStateChange(take: (state: string) => void): void;
  close(): void;
}

/** How long it may take to find this computer's addresses, ms. */
const GATHER_MS = 5000;
/** Packets kept to be sent again: some seconds of a usual stream. */
const KEPT_PACKETS = 2048;
const VIDEO_TYPES = [96, 97] as const;
const AUDIO_TYPE = 111;
/** What every server knows, and takes for other profiles, too. */
const USUAL_PROFILE = '42e01f';
/** Tracks of one stream are played together. */
const STREAM = 'bulkhead';

export const OFFERED = { video: VIDEO_TYPES, audio: [AUDIO_TYPE] } as const;

export interface PeerTracks {
  /** SSRC, and `profile-level-id` of what is sent. */
  readonly video: { readonly ssrc: number; readonly profile: string };
  readonly audio: { readonly ssrc: number } | undefined;
}

/** One WebRTC connection that sends: the library's, with what of it is needed. */
export class Peer implements Disposable {
  /** Resolves when media can be sent; or, with false, when it never will. */
  readonly connected: Promise<boolean>;
  /** Resolves when the connection is lost. */
  readonly lost: Promise<void>;
  private readonly connection: LibraryPeer;
  private readonly tracks: { readonly video: LibraryTrack; readonly audio: LibraryTrack | undefined };
  private readonly gathered: Promise<void>;
  private closed = false;

  /** @param onFeedback gets RTCP packets of the other side */
  constructor(library: WebRtcLibrary, { video, audio }: PeerTracks, onFeedback: (packet: Buffer) => void) {
    // Servers have addresses that can be reached; this side needs no help to find its own.
    this.connection = new library.PeerConnection(STREAM, { iceServers: [], disableAutoNegotiation: true });
    this.gathered = new Promise((resolve) => {
      this.connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    const state = (wanted: RegExp) =>
      new Promise<void>((resolve) => states.push((now) => wanted.test(now) && resolve()));
    const states: ((now: string) => void)[] = [];
    this.lost = state(/^(disconnected|failed|closed)$/);
    this.connected = Promise.race([state(/^connected$/).then(() => true), this.lost.then(() => false)]);
    this.connection.onStateChange((now) => {
      for (const take of states) take(now);
    });

    const frames = new library.Video('video', 'SendOnly');
    const profiles = [...new Set([video.profile, USUAL_PROFILE])];
    for (const [index, profile] of profiles.entries()) {
      frames.addH264Codec(VIDEO_TYPES[index] ?? 0, h264Parameters(profile));
    }
    frames.addSSRC(video.ssrc, STREAM, STREAM, 'video');
    const add = (media: LibraryMedia) => {
      const track = this.connection.addTrack(media);
      track.setMediaHandler(new library.RtcpNackResponder(KEPT_PACKETS));
      track.onMessage((packet) => {
        if (!this.closed) onFeedback(packet);
      });
      return track;
    };
    const videoTrack = add(frames);
    let audioTrack: LibraryTrack | undefined;
    if (audio !== undefined) {
      const sound = new library.Audio('audio', 'SendOnly');
      sound.addOpusCodec(AUDIO_TYPE, 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1');
      sound.addSSRC(audio.ssrc, STREAM, STREAM, 'audio');
      audioTrack = add(sound);
    }
    this.tracks = { video: videoTrack, audio: audioTrack };
  }

  /** An offer with all addresses of this computer. @throws BulkheadError */
  async offer(): Promise<string> {
    this.connection.setLocalDescription('offer');
    if (this.connection.gatheringState() !== 'complete') {
      await withDeadline(this.gathered, GATHER_MS, () => {});
    }
    return this.connection.localDescription()?.sdp ?? '';
  }

  /** @throws BulkheadError `output.refused` for what is no answer to the offer */
  accept(answer: string, server: string): void {
    try {
      this.connection.setRemoteDescription(answer, 'answer');
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.outputRefused,
        `${server} has answered with no valid session description`,
        { remedy: 'Check that the address is a WHIP endpoint.', cause: error },
      );
    }
  }

  /** @param packet of RTP or RTCP */
  send(kind: 'video' | 'audio', packet: Buffer): void {
    const track = this.tracks[kind];
    if (!this.closed && track?.isOpen() === true) track.sendMessageBinary(packet);
  }

  dispose(): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.close();
  }
}

function h264Parameters(profile: string): string {
  return `profile-level-id=${profile};packetization-mode=1;level-asymmetry-allowed=1`;
}
