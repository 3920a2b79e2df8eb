/**
 * Variables with which programs do something else than they are told, also without a word: a hook of git sets `GIT_DIR`, and git then works in that
 * repository wherever it is called. They come from the environment of the controller with `ansible_connection: local`, or from a host's own settings.
 *
 * Source: `git rev-parse --local-env-vars`; tar(1), ls(1), df(1) and grep(1) of GNU.
 */
export const MISLEADING: readonly string[] = [
  ...['ENV', 'CDPATH', 'POSIXLY_CORRECT', 'TAR_OPTIONS', 'GREP_OPTIONS', 'QUOTING_STYLE', 'TIME_STYLE'],
  ...['BLOCK_SIZE', 'BLOCKSIZE', 'DF_BLOCK_SIZE', 'DU_BLOCK_SIZE', 'LS_BLOCK_SIZE'],
  ...[
    'DIR',
    'WORK_TREE',
    'IMPLICIT_WORK_TREE',
    'COMMON_DIR',
    'INDEX_FILE',
    'OBJECT_DIRECTORY',
    'PREFIX',
    'NAMESPACE',
  ].map(ofGit),
  ...['ALTERNATE_OBJECT_DIRECTORIES', 'QUARANTINE_PATH', 'CONFIG', 'CONFIG_PARAMETERS', 'CONFIG_COUNT'].map(ofGit),
  ...['GRAFT_FILE', 'SHALLOW_FILE', 'NO_REPLACE_OBJECTS', 'REPLACE_REF_BASE', 'INTERNAL_SUPER_PREFIX'].map(ofGit),
]

function ofGit(name: string): string {
  return `GIT_${name}`
}

/** An environment without these. */
export function withoutMisleading(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !MISLEADING.includes(name)))
}
