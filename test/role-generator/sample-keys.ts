/** Public keys of ssh that nobody has the private ones of. */
export const NEW_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIgE540qLpdFK8tLs5mW39bkV67+fYJ1tkPp57hi5uQz ada'
export const OLD_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhdfzozYCSHTBNovOwGRt86lpoQm9mGE7S1aum5F4Pf old'
