/**
 * One request to stop arrives as one signal.
 *
 * Ctrl-C reaches every process of the terminal's foreground group, and npm sends its copy on to
 * the script as well, a few milliseconds later. The same happens with `timeout` and with service
 * managers that signal a whole group. A program whose second signal means "at once, without
 * tidying up" would therefore never get to tidy up.
 */

const stopSignals = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Longer than npm needs on a busy machine to pass a signal on, shorter than it takes somebody to
 * lose patience and press Ctrl-C again.
 */
const sameRequestMs = 500;

/**
 * Drops the stop signals that follow another within {@link sameRequestMs}. It must be called
 * before the first listener is added, because Node binds `emit` at that moment.
 *
 * @param {import('node:events').EventEmitter} target the process
 * @param {() => number} [now] in milliseconds
 */
export function mergeStopSignals(target, now = () => performance.now()) {
  const emit = target.emit.bind(target);
  let lastAt = -Infinity;

  /**
   * @param {string | symbol} event
   * @param {unknown[]} args
   * @returns {boolean}
   */
  function emitOnce(event, ...args) {
    if (typeof event === 'string' && stopSignals.has(event)) {
      const at = now();
      if (at - lastAt < sameRequestMs) return true;
      lastAt = at;
    }
    return Reflect.apply(emit, target, [event, ...args]);
  }

  Object.assign(target, { emit: emitOnce });
}
