import { lab } from 'rolecall'
import { app } from './app.ts'
import { el } from './el.ts'

export default lab({
  hosts: {
    'web-01': { groups: ['web'] },
    'db-01': { groups: ['db'] },
  },
  artifacts: { app },
  el,
})
