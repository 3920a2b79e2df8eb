import { kind, secretText, sh, z, type Resource, type Secret, type Sh } from 'rolecall'
import { PROJECT } from './ready.ts'

export const Project = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'small letters and digits, with single . _ or - between them'),
  /** Whether anybody may pull from it. */
  public: z.boolean().default(false),
})

export interface Api {
  /** Such as `http://127.0.0.1:180/api/v2.0`. */
  readonly url: string
  readonly password: Secret
  /** Where Harbor keeps what it knows. */
  readonly dataVolume: string
}

interface Want {
  readonly api: Api
  readonly project: z.output<typeof Project>
}

type Have =
  | { readonly type: 'absent' }
  | { readonly type: 'there'; readonly id: number; readonly public: boolean; readonly seen: boolean }
  | { readonly type: 'silent'; readonly said: string; readonly hasData: boolean }
  /** Harbor will be up by then, and may have it. */
  | { readonly type: 'later' }

/**
 * A project of Harbor's, made through its API. Whether it is public follows; nothing else of it is touched.
 *
 * It is looked after anew whenever a service of Harbor has been started, which counts as a change: so check can say the same of a Harbor that
 * is down, and whose data nobody can read. When that was last done is kept in `/run/rolecall`, as `waitFor` does.
 *
 * Prediction: a pending resource brings Harbor's services up, or starts them anew: a change. Where no data is, the project will be made.
 *
 * Refused: an API that does not answer, or that does not take the password of admin.
 *
 * @example
 * harborProject({ url: 'http://127.0.0.1:180/api/v2.0', password, dataVolume: '/data/harbor' }, { name: 'public', public: true })
 */
export const harborProject = (api: Api, project: z.output<typeof Project>): Resource<Want> =>
  make(project.name, { api, project })

const make = kind<Want, Have>({
  name: 'harborProject',
  probe: ({ api, project }) => sh`${starts}
${request(api, 'GET', `/projects?page_size=100&name=${project.name}`)}
for each in ${`${api.dataVolume}/database`}/* ${`${api.dataVolume}/database`}/.[!.]*; do [ ! -e "$each" ] || { echo data; break; }; done
# A stopped engine is not asked: docker.socket would start it.
systemctl is-active -q docker.service || exit 0
note=${noteOf(project.name)}
{ [ -d ${TASKS} ] && [ -s "$note" ] && [ "$note.before" -nt ${TASKS} ]; } || [ "$(starts)" = "$(cat "$note" 2>/dev/null)" ] && echo seen; :`,
  read({ project }, { lines }) {
    const [body = '', ...words] = lines.filter((line) => line !== '')
    const [status = ''] = words.filter((word) => /^\d{3}$/.test(word))
    if (status !== '200') return { type: 'silent', said: status || body, hasData: words.includes('data') }
    const found = Projects.parse(JSON.parse(body)).find(({ name }) => name === project.name)
    return found === undefined
      ? { type: 'absent' }
      : { type: 'there', id: found.project_id, public: found.metadata?.public === 'true', seen: words.includes('seen') }
  },
  predict(_, have, prediction) {
    const starts =
      prediction.objects.project(PROJECT)?.exists === true ||
      prediction.units.startOrStop('docker.service') !== undefined
    if (!starts) return have
    if (have.type === 'silent') return have.hasData ? { type: 'later' } : { type: 'absent' }
    return have.type === 'there' ? { ...have, seen: false } : have
  },
  plan({ api, project }, have) {
    const metadata = { metadata: { public: String(project.public) } }
    const access = project.public ? 'public' : 'private'
    const step = (summary: string, act = sh`:`) => [{ summary, sh: sh`${act}\n${note(project.name)}` }]
    switch (have.type) {
      case 'there':
        if (have.public !== project.public)
          return step(`make project ${project.name} ${access}`, send(api, 'PUT', `/projects/${have.id}`, metadata))
        return have.seen ? [] : step(`note that Harbor, which was restarted, has the project ${project.name}`)
      case 'later':
        return step(`see that Harbor has the ${access} project ${project.name} when it is up`)
      case 'absent':
        return step(
          `create ${access} project ${project.name}`,
          send(api, 'POST', '/projects', { project_name: project.name, ...metadata }),
        )
      case 'silent':
        return have.said === '401'
          ? {
              refused: 'Harbor refuses the password of admin',
              hint: 'adminPassword counts at the first start only: change it in Harbor, and then in the variables',
            }
          : {
              refused: `Harbor's API at ${api.url} does not answer as it should: ${have.said}`,
              hint: 'look at docker ps and at the logs of Harbor',
            }
    }
  },
  advanced: { batchable: true },
})

const Projects = z
  .array(
    z.object({
      name: z.string(),
      project_id: z.number(),
      metadata: z.object({ public: z.string().optional() }).nullish(),
    }),
  )
  .nullable()
  .transform((projects) => projects ?? [])

/** The answer on one line, and its status on the next. Who asks is told through a pipe: argument lists are public. */
function request(api: Api, method: string, path: string, body?: object): Sh {
  const basic = secretText`admin:${api.password}`.map((text) => Buffer.from(text).toString('base64'))
  const options = [
    secretText`header = "Authorization: Basic ${basic}"`,
    `url = "${api.url}${path}"`,
    `request = "${method}"`,
  ]
  if (body !== undefined)
    options.push('header = "Content-Type: application/json"', `data = "${JSON.stringify(body).replaceAll('"', '\\"')}"`)
  return sh`printf '%s\\n' ${options} | curl -sS -m 30 -w '\\n%{http_code}\\n' -K - 2>&1`
}

/**
 * Holds a directory for each container that runs: as old as the last start. Where a note was begun after that, Docker need not be asked,
 * which takes it 50 ms of CPU.
 *
 * Source: containerd, runtime v2, its state directory; `moby` is the namespace of Docker.
 */
const TASKS = '/run/containerd/io.containerd.runtime.v2.task/moby'

/** Defines `starts`: when the services of Harbor were started. */
const starts = sh`starts() { ids=$(docker ps -aq --filter ${`label=com.docker.compose.project=${PROJECT}`})
[ -z "$ids" ] || docker inspect -f '{{.Name}} {{.State.StartedAt}}' $ids 2>/dev/null | sort; }`

const noteOf = (project: string) => `/run/rolecall/harbor-project-${project}`

function note(project: string): Sh {
  return sh`${starts}
note=${noteOf(project)}
mkdir -p /run/rolecall && rm -f "$note" && : >"$note.before" && seen=$(starts) && printf '%s\\n' "$seen" >"$note"`
}

/** 409: it is there already. Whether it is as wanted is asked afterwards. */
function send(api: Api, method: string, path: string, body: object): Sh {
  return sh`answer=$(${request(api, method, path, body)})
case $answer in *20[0-9] | *409) ;; *) printf '%s\\n' "$answer" >&2; exit 1;; esac`
}
