const SENSITIVE = /password|passwd|passphrase|(?:^|[_-])pass(?:$|[_-])|secret|token|(?:private|api|access)[_-]?key/i

/** Whether the name of a key suggests a secret. Messages about its value do not quote the value. */
export function isSensitive(key: string): boolean {
  return SENSITIVE.test(key)
}
