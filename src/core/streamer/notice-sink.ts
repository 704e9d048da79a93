import type { NoticeParams } from '../../protocol/control.js';

export const NoticeSink = Symbol('NoticeSink');

/** Receives notices for the streamer. Returns immediately and never throws. */
export interface NoticeSink {
  notice(params: Omit<NoticeParams, 'atMs'>): void;
}
