import { kind, sh, type Resource } from 'rolecall'
import { PROJECT } from './ready.ts'

/**
 * The directory into which one of Harbor's services writes the logs of all. Docker makes it when it starts that service. When it is lost
 * later, the service goes on to write into the lost one, so all services are started anew.
 *
 * Prediction: services that are to be brought up, or an engine that is to be started, bring it.
 *
 * @example
 * harborLogs('/data/harbor/logs')
 */
export const harborLogs = (location: string): Resource<{ readonly location: string }> => make(location, { location })

const make = kind<{ readonly location: string }, boolean>({
  name: 'harborLogs',
  probe: ({ location }) => sh`[ ! -d ${location} ] || echo there`,
  read: (_, { lines }) => lines.includes('there'),
  predict: (_, there, prediction) =>
    prediction.objects.project(PROJECT)?.exists === true ||
    prediction.units.startOrStop('docker.service') !== undefined ||
    there,
  plan: ({ location }, there) =>
    there
      ? []
      : [
          {
            summary: `create ${location} and restart the services of Harbor, so that they write there`,
            sh: sh`mkdir -p ${location} && systemctl restart harbor.service`,
          },
        ],
  effects: () => [{ type: 'project', name: PROJECT, exists: true }],
})
