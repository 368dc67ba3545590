/** A viewer of a VM's live logs on a running manager, which comes back by itself like a page does. */
import type { LogEntry, LogMark, LogPosition } from '@innkeeper/protocol';
import { connectClient } from '../../apps/manager/src/push/testing/client.ts';
import { viewLogs, type LogViewer } from '../../apps/manager/src/push/testing/log-viewer.ts';
import type { Client } from '../../apps/manager/src/push/testing/push-server.ts';
import type { ManagerProcess } from './manager-process.ts';

export interface PageOfLogs {
  /** Of the connection that there is now. */
  viewer(): LogViewer;
  /** Over all connections. */
  entries(): readonly LogEntry[];
  messages(): readonly string[];
  marks(): readonly LogMark[];
  dropped(): number;
  /** Leaves, if it has not been left, and goes on where it was. */
  reconnect(manager: Pick<ManagerProcess, 'url' | 'adminToken'>): Promise<void>;
  close(): void;
}

const connect = async (
  manager: Pick<ManagerProcess, 'url' | 'adminToken'>,
  vmId: string,
  after: LogPosition | undefined,
): Promise<LogViewer> => {
  const client: Client = connectClient(manager.url, { token: manager.adminToken, headers: {} });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', resolve);
    client.once('connect_error', reject);
  });
  const viewer = viewLogs(client, vmId);
  const answer = await viewer.subscribe({ ...(after !== undefined && { after }) });
  if (!answer.ok) throw new Error(`the subscription is refused: ${answer.error?.message}`);
  return viewer;
};

export const openPageOfLogs = async (
  manager: Pick<ManagerProcess, 'url' | 'adminToken'>,
  vmId: string,
): Promise<PageOfLogs> => {
  const earlier: LogViewer[] = [];
  let viewer = await connect(manager, vmId, undefined);
  const all = (): readonly LogViewer[] => [...earlier, viewer];
  return {
    viewer: () => viewer,
    entries: () => all().flatMap(({ entries }) => entries),
    messages: () => all().flatMap((each) => each.messages()),
    marks: () => all().flatMap((each) => each.marks()),
    dropped: () => all().reduce((sum, each) => sum + each.dropped(), 0),
    reconnect: async (next) => {
      viewer.close();
      const after = viewer.position() ?? earlier.at(-1)?.position();
      earlier.push(viewer);
      viewer = await connect(next, vmId, after);
    },
    close: () => {
      viewer.close();
    },
  };
};
