import { secret, shared, z } from 'rolecall'

/** What several roles must agree about. */
export const app = shared(
  {
    domain: z.string(),
    databasePassword: z.string().transform(secret),
  },
  { from: { domain: 'app_domain', databasePassword: 'app_database_password' } },
)
