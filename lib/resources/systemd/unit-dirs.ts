/** The directories of unit files (systemd.unit(5)), the strongest first. */
export const UNIT_DIRS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** Where generators put unit files (systemd.generator(7)). */
export const GENERATED = ['/run/systemd/generator.early', '/run/systemd/generator', '/run/systemd/generator.late']
