import { role, service, sshdConfig } from 'rolecall'

export default role({
  name: 'ssh',
  about: 'who may log in, and how',
  async apply({ ensure, host }) {
    const unit = host.pick({ debian: 'ssh', el: 'sshd' })
    const config = sshdConfig('/etc/ssh/sshd_config', {
      set: { PermitRootLogin: false, PasswordAuthentication: false, X11Forwarding: false, MaxAuthTries: 4 },
    })
    await ensure(config, service(unit, { running: true, enabled: true, restartedAfter: [config] }))
  },
})
