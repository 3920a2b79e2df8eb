const HUBS = /^(index\.)?docker\.io\//

/**
 * The one name of an image that has several: `nginx`, `nginx:latest` and `docker.io/library/nginx` are one.
 *
 * Source: reference grammar of the distribution project, familiar names.
 */
export function imageIdentity(image: string): string {
  const path = image.replace(HUBS, '')
  const plain = path.replace(/^library\/(?=[^/]+$)/, '')
  return /@|:[^/]*$/.test(plain) ? plain : `${plain}:latest`
}
