import type { Prediction } from '../../prediction/prediction.ts'

/**
 * Symbolic links that come with packages, mostly created by their scripts, so that no list of files has them. An edit of one is refused once it is there.
 *
 * Source: update-alternatives of mariadb-common and mysql-common; postinst of nginx-common, apache2 and its modules of Debian.
 */
const LINKS: readonly (readonly [link: RegExp, packages: RegExp])[] = [
  [/^\/etc\/mysql\/my\.cnf$/, /^(default-)?(mariadb|mysql)(-|$)/],
  [/^\/etc\/nginx\/(sites-enabled\/default|modules-enabled\/.*)$/, /^(nginx|libnginx)(-|$)/],
  [/^\/etc\/apache2\/(sites-enabled\/000-default\.conf|(conf|mods)-enabled\/.*)$/, /^(apache2|libapache2)(-|$)/],
]

/** The pending package that creates a link at this path. */
export function linkBroughtBy(path: string, prediction: Prediction): string | undefined {
  const [, packages] = LINKS.find(([link]) => link.test(path)) ?? []
  if (packages === undefined) return undefined
  return prediction.packages.installed().find(({ name }) => packages.test(name))?.from
}
