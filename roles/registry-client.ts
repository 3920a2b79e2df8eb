import { role } from 'rolecall'
import harbor from './harbor.ts'
import { pull, TEST_IMAGE_WORDS, testImage } from './harbor/test-image.ts'

/**
 * Chapter 6.5.7, from the other side: a host with Docker pulls what the registry's host has pushed, and runs it. There is nothing
 * to set up: the role docker says which registries are spoken to without TLS.
 */
export default role({
  name: 'registry-client',
  about: 'Hosts with Docker pull from the registry (chapter 6.5.7)',
  tags: ['registry'],

  async apply() {},

  async verify({ $, expect, site }) {
    for (const registry of site.hosts('registry')) {
      const { hostname, projects } = registry.vars(harbor)
      const project = projects.find((each) => each.public)?.name
      if (project === undefined) continue
      const pulled = await $.read`/bin/sh -c ${pull(testImage(hostname, project)).text}`.nothrow()
      expect(pulled.exitCode === 0 ? pulled.stdout.trim() : pulled.stderr, `an image of ${hostname}/${project}`).toBe(
        TEST_IMAGE_WORDS,
      )
    }
  },
})
