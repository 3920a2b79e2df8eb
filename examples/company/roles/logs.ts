import { dir, iniFile, logrotate, pkg, role, service } from 'rolecall'

export default role({
  name: 'logs',
  about: 'how long logs are kept',
  async apply({ ensure }) {
    const directory = dir('/etc/systemd/journald.conf.d')
    const journal = iniFile('/etc/systemd/journald.conf.d/company.conf', {
      create: true,
      set: { Journal: { SystemMaxUse: '500M', MaxRetentionSec: '1month' } },
    })
    await ensure(
      directory,
      journal,
      service('systemd-journald', { running: true, restartedAfter: [journal] }),
      pkg('logrotate'),
      logrotate('app', { paths: ['/var/log/app/*.log'], every: 'daily', keep: 14, compress: true, missingOk: true }),
    )
  },
})
