/** What may go into a `Last-Event-ID`: whoever gives it, it becomes a header of a request of ours. */

const CURSOR = /^[\x21-\x7e]{1,300}$/u;

export const isCursor = (text: string): boolean => CURSOR.test(text);
