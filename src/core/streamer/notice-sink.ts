import type { NoticeParams } from '../../protocol/control.js';

export const NoticeSink = Symbol('NoticeSink');

/** Takes what a streamer should read. Returns at once and never throws. */
export interface NoticeSink {
  notice(params: Omit<NoticeParams, 'atMs'>): void;
}
