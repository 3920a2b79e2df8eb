import { lab } from 'rolecall'

export default lab({
  hosts: {
    'web-01': { groups: ['web'] },
    'db-01': { groups: ['db'] },
  },
})
