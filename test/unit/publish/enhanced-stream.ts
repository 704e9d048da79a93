import type { Disposable } from 'vscode-jsonrpc';
import type { OutputVideo } from '../../../src/config/output-video.js';
import type { MoreEncodes } from '../../../src/core/publish/output-protocols.js';
import type { StreamTag } from '../../../src/media/stream-tag.js';
import { avcFrame, avcHeader } from '../../support/flv.js';
import { tag } from './tags.js';

/** Encodes that the test makes, tag by tag. */
export class FakeEncodes implements MoreEncodes {
  spare = 4;
  /** What is requested at present. */
  videos: readonly OutputVideo[] = [];
  requests = 0;
  private take: (place: number, tag: StreamTag) => void = () => {};

  request(videos: readonly OutputVideo[], take: (place: number, tag: StreamTag) => void): Disposable {
    this.requests += 1;
    this.videos = videos;
    this.take = take;
    return {
      dispose: () => {
        this.videos = [];
        this.take = () => {};
      },
    };
  }

  /** A header and a keyframe of an encode. */
  begin(place: number, ms: number): void {
    this.take(place, tag('video-header', ms, avcHeader(10 + place)));
    this.frame(place, ms, 'keyframe');
  }

  frame(place: number, ms: number, kind: 'keyframe' | 'interframe' = 'interframe'): void {
    this.take(place, tag(kind, ms, avcFrame(kind, ms)));
  }

  sound(place: number, ms: number): void {
    this.take(place, tag('audio', ms));
  }
}
