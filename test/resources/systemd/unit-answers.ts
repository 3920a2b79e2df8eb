import type { ServiceOptions } from '../../../lib/resources/systemd/service.ts'

const started = 'Mon 2026-11-23 12:01:07.500000 UTC'
/** 12:01:07 UTC on that day. */
export const second = Date.parse('2026-11-23T12:01:07Z') / 1000

type Answers = Readonly<Record<string, string>>
/** What systemctl says of a unit that runs and is enabled, but for what a test says otherwise; notes are the probe's own words. */
export const unit = (more: Answers = {}, ...notes: string[]) =>
  Object.entries({
    Id: 'named.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    Type: 'simple',
    RemainAfterExit: 'no',
    NeedDaemonReload: 'no',
    WantedBy: 'multi-user.target',
    ExecMainStartTimestamp: started,
    InactiveExitTimestamp: started,
    ...more,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .concat(notes.map((note) => `# ${note}\n`))
    .join('')
export const absent = unit({
  LoadState: 'not-found',
  ActiveState: 'inactive',
  UnitFileState: '',
  WantedBy: '',
  ExecMainStartTimestamp: '',
  InactiveExitTimestamp: '',
})
export const stopped = { ActiveState: 'inactive', SubState: 'dead' }
export const changed = (time: string, ...notes: string[]) => ['ahead +0000', `own ${time}`, `far ${time}`, ...notes]
export const conf = '/etc/named.conf'
export const on: ServiceOptions = { running: true, enabled: true }
export const after: ServiceOptions = { ...on, restartedAfter: [conf] }
