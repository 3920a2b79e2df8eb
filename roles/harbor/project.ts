import { kind, sh, z, type Resource, type Secret, type Sh } from 'rolecall'
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
  | { readonly is: 'absent' }
  | { readonly is: 'there'; readonly id: number; readonly public: boolean }
  | { readonly is: 'silent'; readonly said: string; readonly hasData: boolean }

/**
 * A project of Harbor's, made through its API. Whether it is public follows; nothing else of it is touched.
 *
 * Foreseen: Harbor does not answer yet, and a pending resource brings its services up: where no data is, the project will be made.
 * Unknown: the same, where there is data, because the project may be in it.
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
  probe: ({ api, project }) => sh`${request(api, 'GET', `/projects?page_size=100&name=${project.name}`)}
[ -z "$(ls -A ${`${api.dataVolume}/database`} 2>/dev/null)" ] || echo data`,
  read({ project }, { lines: [body = '', status = '', data] }) {
    if (status !== '200')
      return { is: 'silent', said: status === '' ? body : status, hasData: data !== undefined || status === 'data' }
    const found = Projects.parse(JSON.parse(body)).find(({ name }) => name === project.name)
    return found === undefined
      ? { is: 'absent' }
      : { is: 'there', id: found.project_id, public: found.metadata?.public === 'true' }
  },
  foresee({ project }, have, foreseen) {
    if (have.is !== 'silent' || foreseen.docker('project', PROJECT) === undefined) return have
    if (!have.hasData) return { is: 'absent' }
    return { unknown: `whether there is a project ${project.name} is known only when Harbor runs` }
  },
  plan({ api, project }, have) {
    const metadata = { metadata: { public: String(project.public) } }
    const access = project.public ? 'public' : 'private'
    switch (have.is) {
      case 'there':
        return have.public === project.public
          ? []
          : [{ say: `make project ${project.name} ${access}`, sh: send(api, 'PUT', `/projects/${have.id}`, metadata) }]
      case 'absent':
        return [
          {
            say: `create ${access} project ${project.name}`,
            sh: send(api, 'POST', '/projects', { project_name: project.name, ...metadata }),
          },
        ]
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
  const basic = Buffer.from(`admin:${api.password.reveal()}`).toString('base64')
  const options = [`header = "Authorization: Basic ${basic}"`, `url = "${api.url}${path}"`, `request = "${method}"`]
  if (body !== undefined)
    options.push('header = "Content-Type: application/json"', `data = "${JSON.stringify(body).replaceAll('"', '\\"')}"`)
  return sh`printf '%s\\n' ${options} | curl -sS -m 30 -w '\\n%{http_code}\\n' -K - 2>&1 | grep -v '^$'`
}

function send(api: Api, method: string, path: string, body: object): Sh {
  return sh`answer=$(${request(api, method, path, body)})
case $answer in *20[0-9]) ;; *) printf '%s\\n' "$answer" >&2; exit 1;; esac`
}
