import { injectable } from 'inversify';
import { ProgressList } from './progress-list.js';
import { Questions } from './questions.js';

/** What is between plugins and the streamer for longer than a notice. */
@injectable()
export class Dialogs {
  readonly questions = new Questions();
  readonly progress = new ProgressList();
}
