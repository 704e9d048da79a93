import * as z from 'zod';

/**
 * What a schema makes of a value that anybody may have written. Never throws: zod 4 does for a value whose `length` is an object
 * that cannot be compared, where it expects text or a list.
 */
export function checkValue<T>(
  schema: z.ZodType<T>,
  value: unknown,
  context?: z.core.ParseContext<z.core.$ZodIssue>,
): z.ZodSafeParseResult<T> {
  try {
    const result = schema.safeParse(value, context);
    // Its messages are made when they are asked for.
    if (!result.success) void result.error;
    return result;
  } catch (error) {
    const message = `expected values that can be compared: ${(error as Error).message}`;
    return z.custom<T>(() => false, { error: message }).safeParse(value, context);
  }
}
