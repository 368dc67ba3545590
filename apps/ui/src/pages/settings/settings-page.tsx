/** Who is signed in, what this manager is, and who changed what. */
import type { JSX } from 'preact';
import { useApp } from '../../app-context.ts';
import { permissionsIn } from '../../state/permissions.ts';
import { LogPolicies } from './log-policies.tsx';
import { AuditList } from './audit-list.tsx';
import { ManagerFacts } from './manager-facts.tsx';
import { SessionFacts } from './session-facts.tsx';
import '../../ui/form.css';
import '../../ui/list.css';
import './settings-page.css';

export const SettingsPage = (): JSX.Element => {
  const { session } = useApp();
  const { configureLogs, readAudit, readManager } = permissionsIn(session.state.value);
  return (
    <div class="page">
      <header class="page-head">
        <h1 class="page-title">Settings</h1>
      </header>
      <div class="settings-columns">
        <SessionFacts />
        <ManagerFacts />
      </div>
      {readManager ? <LogPolicies mayChange={configureLogs} /> : null}
      {readAudit ? <AuditList /> : null}
    </div>
  );
};
