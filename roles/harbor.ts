import { posix } from 'node:path'
import { dockerCompose, file, link, pkg, role, secret, service, yamlFile, z } from 'rolecall'
import { harborAnswers } from './harbor/answers.ts'
import { harborInstall } from './harbor/install.ts'
import { harborLogs } from './harbor/logs.ts'
import { accepted, serverConf } from './harbor/nginx.ts'
import { harborProject, Project } from './harbor/project.ts'
import { PROJECT } from './harbor/ready.ts'
import { harborYml, lineOf, Log, Version } from './harbor/settings.ts'
import { push, testImage } from './harbor/test-image.ts'
import { harborUnit } from './harbor/unit.ts'
import { fromTemplate, Installer, unpacked } from './harbor/unpack.ts'

const vars = z.object({
  version: Version,
  installer: Installer,
  /** The name that clients use. The role dns-server has a record for it in the zone that it is in. */
  hostname: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a full name such as harbor.thtf.com')
    .default('harbor.thtf.com'),
  /** The port of Harbor itself; nginx listens on 80. */
  httpPort: z.int().min(1).max(65535).default(180),
  dataVolume: z
    .string()
    .regex(/^\/.*[^/]$/, 'an absolute path')
    .default('/data/harbor'),
  log: Log.prefault({}),
  /** The password of `admin`. Harbor takes it at its first start only. */
  adminPassword: z.string().min(1).transform(secret),
  projects: z.array(Project).default([{ name: 'public', public: true }]),
  /** The package that brings docker-compose. */
  composePackage: z.string().default('docker-compose'),
})

/**
 * Chapter 6.5: a private registry with Harbor, behind nginx, under a name of its own.
 *
 * Done differently today, and why:
 * - The installer is compared with its checksum, and its files belong to root.
 * - `external_url` is set: Harbor would otherwise send clients past nginx, to its own port, for a token.
 * - The services belong to one compose project, `harbor`, whichever version's directory they were started from.
 * - A unit brings all services up after a boot and after a restart of the engine: docker alone would start them before the one that
 *   takes their logs.
 * - nginx passes the client's `Host` on, which the tutorial leaves out; docker login needs it.
 * - The project is made through the API, where the tutorial uses a browser.
 *
 * install.sh runs when harbor.yml or the version have changed since it last came to its end. Data that another version of Harbor
 * left is not migrated: that is done by hand, as Harbor's own guide says.
 */
export default role({
  name: 'harbor',
  about: 'A private registry with Harbor (chapter 6.5)',
  tags: ['registry'],
  vars,

  async apply({ ensure, exists, vars }) {
    const { version, installer, hostname, httpPort, dataVolume, log, adminPassword, projects, composePackage } = vars
    const directory = `/opt/harbor-${version}`
    const conf = `/etc/nginx/conf.d/${hostname}.conf`
    const server = file(conf, { ...ofRoot, content: serverConf(hostname, httpPort), validate: accepted(conf) })
    const at = { root: `http://127.0.0.1:${httpPort}`, api: lineOf(version).api }
    const api = { url: `${at.root}${at.api}`, password: adminPassword, dataVolume }

    // The package starts nginx, which a damaged file here would prevent; where there is no directory, the package brings it.
    const isEarly = await exists(posix.dirname(conf))

    await ensure(
      isEarly ? [server] : [],
      pkg(['curl', composePackage, 'nginx']),
      unpacked(directory, installer),
      link('/opt/harbor', { to: directory }),
      fromTemplate(directory),
      yamlFile(`${directory}/harbor.yml`, { ...harborYml(vars), ...ofRoot, mode: '0600' }),
      // docker-compose reads it: every command in this directory means the same project.
      file(`${directory}/.env`, { ...ofRoot, content: `COMPOSE_PROJECT_NAME=${PROJECT}\n` }),
      harborInstall(directory, at),
      // Its containers send their logs through the engine, and do not find each other again when that was restarted without them.
      dockerCompose(directory, { project: PROJECT, restartedAfter: ['docker'] }),
      file('/etc/systemd/system/harbor.service', { ...ofRoot, content: harborUnit(directory) }),
      service('harbor', { running: true, enabled: true }),
      harborLogs(log.location),
      harborAnswers(at),
      isEarly ? [] : [server],
      service('nginx', { running: true, enabled: true, restartedAfter: [server] }),
      projects.map((project) => harborProject(api, project)),
    )
  },

  async verify({ $, expect, host, note, vars }) {
    const { hostname, projects, adminPassword } = vars
    expect((await $.read`dig +short +time=3 -t A ${hostname}`.nothrow()).stdout.trim(), `dig ${hostname}`).toBe(
      host.address,
    )
    const page = await $.read`curl -s -m 20 -o /dev/null -w ${'%{http_code}'} http://${hostname}/`.nothrow()
    expect(page.stdout, `the answer of http://${hostname}/`).toBe('200')

    const project = projects.find((each) => each.public)?.name
    if (project === undefined) return note('no project is public: nothing is pushed')
    const script = push(hostname, testImage(hostname, project)).text
    const pushed = await $.read({ input: adminPassword })`/bin/sh -c ${script}`.nothrow()
    expect(pushed.exitCode === 0 ? 'pushed' : `${pushed.stdout}${pushed.stderr}`, `docker push to ${hostname}`).toBe(
      'pushed',
    )
    const logins = await $.read`cat /root/.docker/config.json 2>/dev/null`.nothrow()
    expect(logins.stdout.includes(hostname), 'a login that is left in /root/.docker/config.json').toBe(false)
  },
})

const ofRoot = { owner: 'root', group: 'root' }
