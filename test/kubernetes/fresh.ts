// `npm run test:kubernetes -- fresh`: five bare hosts: check says what would come, one apply brings it, a second one finds nothing to do, and all is as roles
// verify it. What docs/kubernetes.md has its figures of. `npm test` has the same in `hosts/kubernetes`, where the binaries are built.
import { test } from 'uvu'
import { becomeTheCluster, WHAT } from './fresh-hosts.ts'

test(WHAT, becomeTheCluster)

test.run()
