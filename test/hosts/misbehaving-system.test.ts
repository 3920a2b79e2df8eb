// Hosts: node-03, node-04
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { complaints, onLab, reset, rolecall, ssh, told } from '../support/lab.ts'
import { asOdd, book, ODD, runsWell, writes } from './misbehaving.ts'

onLab('a noexec /tmp hinders nothing', async () => {
  book(writes('/run/odd'))
  await asOdd('mount -t tmpfs -o noexec tmpfs /tmp', async () => {
    try {
      await runsWell()
    } finally {
      await ssh(ODD, 'umount /tmp')
    }
  })
})

onLab('a read-only file system is told in the words of the host', async () => {
  book(writes('/opt/odd'))
  await ssh(ODD, 'mount --bind /opt /opt && mount -o remount,bind,ro /opt')
  try {
    const run = await rolecall('apply', 'odd')
    assert.is(run.code, 2, complaints(run))
    assert.equal([run.problems.length, run.problems[0]?.host], [1, ODD])
    assert.match(JSON.stringify(run.problems[0]), /Read-only file system/i)
  } finally {
    await ssh(ODD, 'umount /opt')
  }
})

onLab(
  'on a root that is read-only a change is refused in check as in apply, and a run with nothing to do is right',
  async () => {
    const want = `exec('apart', { run: 'true', creates: '/run' }), ${writes('/opt/odd')}`
    book(want)
    // Whatever has a file open to write (an engine, the journal) keeps its file system writable.
    await reset(ODD)
    await ssh(ODD, 'journalctl --relinquish-var; mount -o remount,bind,ro /')
    try {
      const check = await rolecall('check', 'odd')
      assert.is(check.code, 2, complaints(check))
      assert.match(check.problems[0]?.message ?? '', '/opt/odd cannot be changed: / is a read-only file system')
      const run = await rolecall('apply', 'odd')
      assert.is(run.code, 2, complaints(run))
      assert.equal([run.problems.length, run.problems[0]?.host], [1, ODD])
      assert.match(JSON.stringify(run.problems[0]), /read-only file system/i)
      book(`pkg('sl')`)
      const install = await rolecall('apply', 'odd')
      assert.is(install.code, 2, complaints(install))
      assert.match(JSON.stringify(install.problems[0]), /read-only file system/i)
      await ssh(ODD, 'mount -o remount,bind,rw /; printf x >/opt/odd; chmod 644 /opt/odd; mount -o remount,bind,ro /')
      book(want)
      const again = await rolecall('apply', 'odd')
      assert.equal([again.code, again.summary.hosts[ODD]?.changed], [0, 0], complaints(again))
    } finally {
      await ssh(ODD, 'mount -o remount,bind,rw /; rm -f /opt/odd; journalctl --flush')
    }
  },
)

onLab(
  '100 MB of output, letters that are none and another language of the host neither stop nor fail a step',
  async () => {
    book(
      `exec('loud', { run: 'head -c 100000000 /dev/zero | tr "\\\\\\\\0" x; : >/run/loud', creates: '/run/loud' }), exec('odd letters', { run: 'printf "a\\\\\\\\377\\\\\\\\303(b"; echo "locale $LC_ALL"; exit 9', unless: 'false' })`,
    )
    await asOdd(`printf 'export LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8 LANGUAGE=de\\n' >/home/odd/.bashrc`, async () => {
      const said = await told('apply', 'odd')
      assert.is(said.code, 2)
      assert.match(said.out + said.err, 'status 9')
      assert.match(said.out + said.err, 'a\ufffd\ufffd(blocale C')
      assert.not.match(said.out, 'xxxxxxxx')
    })
  },
)

test.run()
