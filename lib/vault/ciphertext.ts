const KINDS: readonly (readonly [shape: RegExp, kind: string])[] = [
  [/^\s*\$ANSIBLE_VAULT;/, 'an Ansible Vault text'],
  [/^\s*ENC\[AES256_GCM,data:/, 'a value of SOPS'],
  [/^\s*(?:-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org\/v1\n)/, 'an age file'],
]

/** The kind of encryption of a text; undefined for plain text. */
export function ciphertextKind(text: string): string | undefined {
  return KINDS.find(([shape]) => shape.test(text))?.[1]
}
