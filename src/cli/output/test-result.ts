import type { UploadResult } from '../../core/publish/upload-test/measure-upload.js';
import type { ReachedServer } from '../../core/publish/upload-test/reach-server.js';
import type { ErrorData } from '../../protocol/errors.js';
import type { UploadVerdict } from './judge-upload.js';

/** One address of an output. */
export interface TestedServer {
  readonly role: 'primary' | 'backup';
  /** Without what may be secret. */
  readonly url: string;
  readonly reached?: ReachedServer;
  readonly upload?: UploadResult & UploadVerdict;
  readonly error?: ErrorData;
}

export interface TestedOutput {
  readonly id: string;
  readonly servers: readonly TestedServer[];
  /** What is checked of it without a session with its server: see `bulkhead doctor`. */
  readonly problems: readonly string[];
  /** Why nothing was published. */
  readonly notPublished?: string;
  readonly isGood: boolean;
}
