import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { Answer, PickQuestion, TextQuestion } from '../../protocol/questions.js';

/** How answers to one question are read. */
export interface AnswerReader<T> {
  /** @throws what is wrong with the answer */
  readonly read: (given: Answer) => T | Promise<T>;
  /** Lets go of what was read, if the question has ended meanwhile. */
  readonly discard?: (value: T) => void;
}

/** For a question with answers to choose from. */
export function actionReader(actions: readonly string[]): AnswerReader<string> {
  return {
    read: (given) => {
      if (typeof given === 'string' && actions.includes(given)) return given;
      throw invalid(
        typeof given === 'string' ? `the question has no answer "${given}"` : 'expected one of its answers',
        `Available answers: ${actions.map((one) => `"${one}"`).join(', ')}.`,
      );
    },
  };
}

/** For a text. What is wrong with it is said without the text itself, which may be a password. */
export function textReader({ minLength = 0, maxLength }: TextQuestion): AnswerReader<string> {
  return {
    read: (given) => {
      if (typeof given !== 'string') throw invalid('expected a text');
      if (given.length < minLength)
        throw invalid(`expected at least ${characters(minLength)}, got ${given.length}`);
      if (given.length > maxLength)
        throw invalid(`expected at most ${characters(maxLength)}, got ${given.length}`);
      return given;
    },
  };
}

/** For items to pick from: their places, in the order of the items, each once. */
export function pickReader({ items, many = false }: PickQuestion): AnswerReader<readonly number[]> {
  const placeOf = (given: string | number): number => {
    const place = typeof given === 'number' ? given : items.findIndex(({ label }) => label === given);
    if (Number.isInteger(place) && place >= 0 && place < items.length) return place;
    throw invalid(
      typeof given === 'number' ? `there is no item ${given + 1}` : `there is no item "${given}"`,
      `Pick one of 1 to ${items.length}, or its name.`,
    );
  };
  return {
    read: (given) => {
      const places = [...new Set(listOf(given).map(placeOf))].sort((a, b) => a - b);
      if (!many && places.length !== 1) throw invalid(`expected one item, got ${places.length}`);
      return places;
    },
  };
}

/** An answer as a list. */
export function listOf(given: Answer): readonly (string | number)[] {
  return typeof given === 'object' ? given : [given];
}

/** A mistake in an answer. */
export function invalid(message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, { where: 'the answer', remedy });
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}
