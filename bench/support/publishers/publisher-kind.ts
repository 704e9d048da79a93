import type { Publisher } from '../../../test/support/publisher.js';

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Where to publish. */
export interface PublishTarget {
  /** `rtmp://host:port/application`. */
  readonly server: string;
  readonly key: string;
  /** Of the published stream; the kind's own without it. Not every kind can change it. */
  readonly size?: FrameSize;
  /** Of video, kbit/s. Not every kind can change it. */
  readonly bitrateKbps?: number;
  /** Words to put before the command, such as those that run it in a network namespace. Not every kind can do so. */
  readonly within?: readonly string[];
}

/** A publisher that can be started as often as needed, once its surroundings have been set up. */
export interface PublisherSetup {
  start(target: PublishTarget): Promise<Publisher>;
  /** Ends what it has started besides publishers. */
  close(): Promise<void>;
}

/** A program that publishes by RTMP. */
export interface PublisherKind {
  readonly name: string;
  /** What it needs and is not installed, each in words for the user. */
  missing(): Promise<readonly string[]>;
  /**
   * @param folder its files go there
   * @param recording what it plays again and again; undefined for a test pattern. Not every kind plays recordings.
   */
  setUp(folder: string, recording: string | undefined): Promise<PublisherSetup>;
}
