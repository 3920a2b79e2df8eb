// Pure files that make decisions, each with the tests that must notice a fault in it.

/** @type {Readonly<Record<string, readonly string[]>>} */
export const targets = {
  'lib/converge/contradictions/contradictions.ts': ['converge/contradictions'],
  'lib/converge/forecast.ts': ['converge/ensure', 'converge/repeats', 'converge/quick-probe'],
  'lib/gate/finder.ts': ['gate/finder', 'gate/redact', 'gate/gate'],
  'lib/gate/neutral.ts': ['gate/gate'],
  'lib/inventory/patterns/pattern.ts': ['inventory/select'],
  'lib/inventory/patterns/select.ts': ['inventory/select'],
  'lib/inventory/syntax/ini.ts': ['inventory/load', 'inventory/problems', 'inventory/sources'],
  'lib/inventory/syntax/range.ts': ['inventory/range'],
  'lib/resources/packages/apt/apt-answer.ts': ['resources/packages/apt-answer', 'resources/packages/pkg'],
  'lib/resources/packages/pkg-plan.ts': ['resources/packages/pkg'],
  'lib/resources/packages/pkg-prediction.ts': ['resources/packages/pkg', 'resources/prediction/prediction'],
  'lib/resources/packages/versions.ts': ['resources/packages/versions'],
  'lib/resources/prediction/effect.ts': ['resources/prediction/effect', 'resources/prediction/prediction'],
  'lib/resources/prediction/prediction.ts': [
    'resources/prediction/prediction',
    'resources/packages/pkg',
    'converge/ensure',
  ],
  'lib/runner/order/batches.ts': ['runner/batches'],
  'lib/runner/order/priority.ts': ['runner/schedule'],
  'lib/runner/order/progress.ts': ['runner/schedule', 'runner/rollback'],
  'lib/runner/order/schedule.ts': ['runner/schedule', 'runner/hooks', 'runner/rollback'],
  'lib/sh/frame-reader.ts': ['sh/frame'],
  'lib/text/nearest.ts': ['text/nearest'],
}
