// For test processes that live for seconds: V8 optimizes code only after nine times the usual number of executions. A quarter of the processor time
// of a test file went into optimizing code that hardly ran afterwards. Only Node 20's V8 has this option; later versions decide differently.
import { setFlagsFromString } from 'node:v8'

if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=600000')
