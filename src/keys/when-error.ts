/** What is wrong in a condition; the message has the position. */
export class WhenError extends Error {}
