/**
 * The client, as a process of its own: what it costs is not in the figures of the agent, and what
 * the benchmark does meanwhile is not in the latencies. Started with a port, it keeps one connection.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, type KeepAliveClient } from './keep-alive-client.ts';
import { orderSchema, type Order, type ScrapeReport } from './scraper-messages.ts';

/**
 * A part of the gap is random. Some agents collect once a second by their own clock, and scrapes at
 * exactly that pace would always or never meet it.
 */
const JITTER = 0.2;

const scrape = async (client: KeepAliveClient, order: Order): Promise<ScrapeReport> => {
  const latenciesMs: number[] = [];
  let lastBody: Buffer = Buffer.alloc(0);
  const startedAt = performance.now();
  for (let index = 0; index < order.count; index += 1) {
    if (order.everyMs > 0) {
      const dueAt = startedAt + (index + Math.random() * JITTER) * order.everyMs;
      await sleep(Math.max(0, dueAt - performance.now()));
    }
    const askedAt = performance.now();
    const answer = await client.ask(order.path);
    latenciesMs.push(performance.now() - askedAt);
    if (answer.status !== 200 || answer.body.length === 0) {
      const what = `${order.path} answered ${answer.status} with ${answer.body.length} bytes`;
      return { ok: false, reason: what };
    }
    lastBody = answer.body;
  }
  // The gap after the last scrape belongs to the minute as well.
  await sleep(Math.max(0, startedAt + order.count * order.everyMs - performance.now()));
  return { ok: true, latenciesMs, lastBody: lastBody.toString('utf8') };
};

const client = await connectTo(Number(process.argv[2]));
process.on('message', (message) => {
  scrape(client, orderSchema.parse(message)).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      process.send?.({ ok: false, reason } satisfies ScrapeReport);
    },
  );
});
// Whatever has ended the benchmark ends this too.
process.on('disconnect', () => process.exit());
