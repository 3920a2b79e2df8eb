export interface CertificateOptions {
  /** The private key on the host that it is for. */
  readonly key: string
  readonly commonName: string
  readonly organization?: string
  /** Names and addresses that it is good for. Default: the common name; for an authority none. */
  readonly names?: readonly string[]
  /** Default 365. */
  readonly days?: number
  /** It is renewed when fewer days are left. Default 30. */
  readonly renewBefore?: number
  /** Who signs it, on the same host. Default: itself. */
  readonly ca?: { readonly certificate: string; readonly key: string }
  /** It may sign others. Default false. */
  readonly isAuthority?: boolean
  /** Default: both, unless it is an authority. */
  readonly usage?: readonly ('server' | 'client')[]
}

export interface CertificateWant extends CertificateOptions {
  readonly path: string
  readonly names: readonly string[]
  readonly days: number
  readonly renewBefore: number
  readonly isAuthority: boolean
  readonly usage: readonly ('server' | 'client')[]
  readonly asksFor: { readonly usage: boolean; readonly authority: boolean }
}

export interface CertificateRequestOptions {
  readonly key: string
  readonly commonName: string
  readonly organization?: string
  readonly names?: readonly string[]
  /** What the certificate is asked to be good for. Default: the authority decides. */
  readonly usage?: readonly ('server' | 'client')[]
  /** It asks for a certificate that may sign others, or, `false`, for one that may not. Default: the authority decides. */
  readonly isAuthority?: boolean
}
