import type { Typing } from './template.ts'
import { Evaluator, PlacedError, type World } from './variables.ts'

// The bundle loads the template engine when one of these functions is first called: most inventories have no template, and it is a tenth of every start.

/** Evaluates the templates of a world. */
export function evaluatorOf(world: World, typing: Typing): Evaluator {
  return new Evaluator(world, typing)
}

/** What the engine says about a template that failed; undefined for every other error. */
export function templateError(error: unknown): PlacedError | undefined {
  return error instanceof PlacedError ? error : undefined
}
