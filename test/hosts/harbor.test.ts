// Hosts: node-01, node-02, node-03, node-05
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { changes, complaints, lab, onLab, put, rolecall, ssh, sshTried, start, text } from '../support/lab.ts'

const VARS = 'inventory/group_vars/registry.yml'
const HOST = 'node-05'
const PROJECTS = 'http://127.0.0.1:180/api/v2.0/projects'
const install = 'harborInstall:/opt/harbor-v2.9.5 changed'
const template = 'exec:/opt/harbor-v2.9.5/harbor.yml from its template changed'
const seen = 'harborProject:public changed'
const yml = 'yamlFile:/opt/harbor-v2.9.5/harbor.yml changed'

/** When each container of the project was made, so that it can be seen whether install.sh has run. */
const created = () =>
  ssh(
    HOST,
    "docker ps -aq --filter label=com.docker.compose.project=harbor | xargs docker inspect -f '{{.Name}} {{.Created}}' | sort",
  )
const role = (mode: 'check' | 'apply') => rolecall(mode, 'site', '--role', 'harbor')

function edit(from: string, to: string): void {
  const before = text(VARS)
  assert.ok(before.includes(from), from)
  put(VARS, before.replace(from, to))
}

onLab('the registry comes up with its name, and an image goes in on one host and comes out on another', async () => {
  const hosts = ['--limit', 'node-01,node-03,node-05']
  const apply = await rolecall('apply', 'site', ...hosts)
  assert.is(apply.code, 0, complaints(apply))
  const { nodes } = await lab()
  const address = nodes.find(({ name }) => name === HOST)?.address
  assert.is(await ssh('node-03', 'dig +short -t A harbor.thtf.com'), address)
  const verify = await rolecall('verify', 'site', ...hosts)
  assert.is(verify.code, 0, complaints(verify))
  assert.is(await ssh(HOST, 'grep -c harbor.thtf.com /root/.docker/config.json 2>/dev/null || :'), '')
})

onLab('one role alone finds nothing to do, and runs no installer', async () => {
  const before = await created()
  const again = await role('apply')
  assert.equal([again.code, changes(again)], [0, []], complaints(again))
  assert.is(await created(), before)
})

onLab('pushing needs the password; only root can read the file that has it', async () => {
  const push = await sshTried(
    HOST,
    'cd /tmp && tar -c --files-from /dev/null | docker import - harbor.thtf.com/public/empty && docker push harbor.thtf.com/public/empty',
  )
  assert.is.not(push.code, 0)
  assert.match(push.err, /unauthorized|denied/)
  assert.is(await ssh(HOST, 'stat -c %a:%U /opt/harbor/harbor.yml'), '600:root')
  assert.is(await ssh(HOST, `curl -s -o /dev/null -w '%{http_code}' -X POST ${PROJECTS}`), '401')
})

onLab('a changed variable changes harbor.yml and runs the installer once, as check has said', async () => {
  edit('rotateCount: 50', 'rotateCount: 7')
  const before = await created()
  const check = await role('check')
  assert.equal(changes(check), [`${HOST} ${install}`, `${HOST} ${seen}`, `${HOST} ${yml}`])
  const apply = await role('apply')
  assert.equal([apply.code, changes(apply)], [0, changes(check)], complaints(apply))
  assert.is.not(await created(), before)
  assert.match(await ssh(HOST, 'cat /opt/harbor/harbor.yml'), 'rotate_count: 7')
  assert.match(await ssh(HOST, 'cat /opt/harbor/harbor.yml'), 'job_loggers:', 'keys of others stay')
  assert.equal(changes(await role('apply')), [])
})

onLab('a password that is not Harbor’s is refused, with a hint', async () => {
  edit('adminPassword: Harbor12345', 'adminPassword: Not-that-one-9')
  const apply = await role('apply')
  assert.is(apply.code, 2)
  assert.match(complaints(apply), 'Harbor refuses the password of admin')
  assert.not.match(apply.out + apply.err, 'Not-that-one-9')
})

onLab('a lost harbor.yml is made from its template; an installer that is killed runs again', async () => {
  edit('adminPassword: Not-that-one-9', 'adminPassword: Harbor12345')
  await ssh(HOST, 'rm /opt/harbor-v2.9.5/harbor.yml')
  const check = await role('check')
  const all = [template, install, seen, yml].map((line) => `${HOST} ${line}`)
  assert.equal(changes(check), all, complaints(check))
  const run = start('apply', 'site', '--role', 'harbor')
  await run.until(yml.split(' ')[0] ?? '')
  await ssh(HOST, 'until pkill -KILL -f "[i]nstall.sh"; do sleep 0.2; done')
  const killed = await run.done
  assert.is(killed.code, 2)
  const done = changes(killed).filter((line) => line.endsWith(' changed'))
  assert.equal(done, [`${HOST} ${template}`, `${HOST} ${yml}`], complaints(killed))
  const again = await role('apply')
  assert.equal([again.code, changes(again)], [0, [`${HOST} ${install}`, `${HOST} ${seen}`]], complaints(again))
  assert.match(await ssh(HOST, 'cat /opt/harbor/harbor.yml'), 'job_loggers:', 'keys of the template')
  assert.match(await ssh(HOST, `curl -s ${PROJECTS}`), '"name": "public"')
})

onLab('Harbor survives a restart and a crash of the engine, as check predicted', async () => {
  await ssh(HOST, `sed -i 's/"live-restore": true/"live-restore": false/' /etc/docker/daemon.json`)
  const check = await rolecall('check', 'site', '-l', HOST)
  const all = [seen, 'jsonFile:/etc/docker/daemon.json changed', 'service:docker changed'].map(
    (line) => `${HOST} ${line}`,
  )
  assert.equal(changes(check), all)
  const apply = await rolecall('apply', 'site', '-l', HOST)
  assert.equal([apply.code, changes(apply)], [0, changes(check)], complaints(apply))
  assert.match(await ssh(HOST, `curl -s ${PROJECTS}`), '"name": "public"')
  await ssh(HOST, 'systemctl kill -s KILL docker; until docker version >/dev/null 2>&1; do sleep 0.5; done')
  // On a busy machine systemd is still at work on the unit that requires it.
  await ssh(HOST, 'n=0; until systemctl is-active -q harbor || [ $n = 120 ]; do n=$((n + 1)); sleep 0.5; done')
  const again = await role('apply')
  assert.equal(
    [again.code, changes(again)],
    [0, [`${HOST} dockerCompose:/opt/harbor-v2.9.5 changed`, `${HOST} ${seen}`]],
    complaints(again),
  )
  assert.equal(changes(await rolecall('apply', 'site', '-l', HOST)), [])
})

onLab('after a reboot every service comes back by itself', async () => {
  await ssh(HOST, 'touch /run/before')
  await sshTried(HOST, 'systemctl reboot')
  const isBack = '[ ! -e /run/before ] && systemctl is-active -q harbor'
  for (let tries = 0; (await sshTried(HOST, isBack)).code !== 0; tries++) {
    assert.ok(tries < 100, 'no harbor.service')
    await sleep(1000)
  }
  const apply = await role('apply')
  assert.is(apply.code, 0, complaints(apply))
  const states = await ssh(HOST, "docker ps -a --format '{{.Names}} {{.Status}}'")
  assert.is(states.split('\n').length, 9, states)
  assert.ok(
    states.split('\n').every((line) => / Up .*\(healthy\)/.test(line)),
    states,
  )
})

onLab('the authority is made by the cfssl releases too, under the names of the tutorial', async () => {
  const { gateway } = await lab()
  const base = `http://${gateway}:8081/R1.2`
  const tools = { cfssl: 'cfssl', 'cfssl-json': 'cfssljson', 'cfssl-certinfo': 'cfssl-certinfo' }
  const lines = await Promise.all(
    Object.entries(tools).map(async ([tool, name]) => {
      const answer = await fetch(`${base}/${name}_linux-amd64.sha256`)
      const [sha256 = ''] = (await answer.text()).split(' ')
      return `    ${tool}: { source: '${base}/${name}_linux-amd64', sha256: '${sha256}' }\n`
    }),
  )
  put(
    'inventory/group_vars/ca.yml',
    `cert-authority:\n  directory: /opt/release-certs\n  source:\n    kind: release\n${lines.join('')}`,
  )
  await ssh('node-02', 'apt-get -qq -y install curl libsqlite3-0 >/dev/null 2>&1')
  const apply = await rolecall('apply', 'site', '--role', 'cert-authority')
  assert.is(apply.code, 0, complaints(apply))
  assert.match(await ssh('node-02', '/usr/local/bin/cfssl version'), 'Version: 1.2')
  const again = await rolecall('apply', 'site', '--role', 'cert-authority')
  assert.equal([again.code, changes(again)], [0, []])
  assert.is((await rolecall('verify', 'site', '--role', 'cert-authority')).code, 0)
})

test.run()
