const SENSITIVE = /password|passwd|passphrase|(?:^|[_-])pass(?:$|[_-])|secret|token|(?:private|api|access)[_-]?key/i

/** Whether a key names what may be a secret. Messages about its value, or about what is in it, do not quote the value. */
export function isSensitive(key: string): boolean {
  return SENSITIVE.test(key)
}
