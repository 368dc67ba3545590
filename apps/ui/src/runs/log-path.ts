/** Where the log of an execution is. */

export const logPath = (runId: string, executionId: string, format: 'txt' | 'json'): string =>
  `/v1/runs/${encodeURIComponent(runId)}/executions/${encodeURIComponent(executionId)}/log?format=${format}`;
