import type { Container } from 'inversify';
import { ProgressList } from './progress-list.js';
import { Questions } from './questions.js';
import { StatusItems } from './status-items.js';

/** Binds status items, questions and progress, which last longer than a notice. */
export function bindStreamer(container: Container): void {
  container
    .bind(Questions)
    .toSelf()
    .onDeactivation((questions) => questions.dispose());
  container.bind(ProgressList).toSelf();
  container.bind(StatusItems).toSelf();
}
