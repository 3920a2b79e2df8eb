import { kernelModule, limits, profile, role, sysctl, timezone } from 'rolecall'

export default role({
  name: 'hardening',
  about: 'limits, kernel settings, modules that nobody needs',
  async apply({ ensure }) {
    await ensure(
      timezone('UTC'),
      sysctl('net.ipv4.conf.all.rp_filter', 1),
      limits('company', { limits: [{ domain: '*', type: 'hard', item: 'core', value: 0 }] }),
      profile('company', { content: 'umask 027\n' }),
      kernelModule('cramfs', { state: 'absent', blacklist: true, now: false }),
    )
  },
})
