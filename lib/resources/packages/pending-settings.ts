import type { Prediction } from '../prediction/prediction.ts'

const preferences = ['/etc/apt/preferences', '/etc/apt/preferences.d', '/etc/dnf', '/etc/yum.repos.d', '/etc/yum.conf']

export const sources = ['/etc/apt/sources.list', '/etc/apt/sources.list.d', '/etc/yum.repos.d']

/** A pending change of what a package manager prefers or leaves out. */
export function pendingPreference(prediction: Prediction): { readonly from: string } | undefined {
  return firstOf(preferences, prediction)
}

/** A pending change of package sources, or of what a package manager prefers of them. */
export function pendingSettings(prediction: Prediction): { readonly from: string } | undefined {
  return firstOf([...preferences, ...sources], prediction)
}

function firstOf(paths: readonly string[], prediction: Prediction): { readonly from: string } | undefined {
  return paths.map((path) => prediction.paths.get(path) ?? prediction.paths.below(path)[0]).find(Boolean)
}
