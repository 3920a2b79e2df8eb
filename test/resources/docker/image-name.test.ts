import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { contradictions } from '../../../lib/converge/contradictions/contradictions.ts'
import { dockerImage } from '../../../lib/resources/docker/image.ts'
import { Prediction } from '../../../lib/resources/prediction/prediction.ts'
import { imageIdentity } from '../../../lib/resources/docker/image-name.ts'

const digest = `@sha256:${'a'.repeat(64)}`
const table: readonly (readonly [name: string, one: string])[] = [
  ['nginx', 'nginx:latest'],
  ['nginx:latest', 'nginx:latest'],
  ['library/nginx', 'nginx:latest'],
  ['docker.io/nginx', 'nginx:latest'],
  ['docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['index.docker.io/org/app', 'org/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['registry.example/library/nginx', 'registry.example/library/nginx:latest'],
  [`nginx${digest}`, `nginx${digest}`],
]
for (const [name, one] of table) test(`${name} is ${one}`, () => assert.is(imageIdentity(name), one))

test('One image under two names cannot be both wanted and absent', () => {
  const said = contradictions([
    dockerImage('nginx'),
    dockerImage('docker.io/library/nginx:latest', { state: 'absent' }),
  ])
  assert.match(said[0]?.message ?? '', 'image nginx:latest is asked for twice, and not the same of it')
  assert.equal(contradictions([dockerImage('nginx'), dockerImage('nginx:latest')]), [])
  assert.equal(contradictions([dockerImage('nginx'), dockerImage('nginx:1', { state: 'absent' })]), [])
})

test('An image that is predicted under one name exists under the other', () => {
  const prediction = new Prediction()
  prediction.record('dockerImage:nginx', [{ type: 'image', name: 'nginx', exists: true }])
  assert.is(prediction.objects.image('nginx:latest')?.exists, true)
  assert.is(prediction.objects.image('nginx:1'), undefined)
})

test.run()
