// For processes that run tests and live for seconds: V8 optimizes code only when it has run nine times as long as usual. A quarter of the processor time of
// a file of tests went into code that hardly ran afterwards. Only Node 20's V8 has this option; later ones choose in another way.
import { setFlagsFromString } from 'node:v8'

if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=600000')
