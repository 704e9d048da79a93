import * as z from './zod.js';

/**
 * Parses an untrusted value with a schema. Never throws, unlike zod 4, which throws where it expects text or a list and gets a
 * value whose `length` is an object that cannot be compared.
 */
export function checkValue<T>(
  schema: z.ZodType<T>,
  value: unknown,
  context?: z.core.ParseContext<z.core.$ZodIssue>,
): z.ZodSafeParseResult<T> {
  try {
    const result = schema.safeParse(value, context);
    // zod makes the messages on access, which may throw.
    if (!result.success) void result.error;
    return result;
  } catch (error) {
    const message = `expected values that can be compared: ${(error as Error).message}`;
    return z.custom<T>(() => false, { error: message }).safeParse(value, context);
  }
}
