/** Codes of the UserErrors that this layer throws. */
export type RegistryErrorCode =
  // No directory for the sockets: not writable, not ours, or its path too long.
  | "REGISTRY_DIRECTORY"
  // The daemon could not be started or ended at once.
  | "REGISTRY_START"
  // The socket exists but may not be used (another user's, a permission problem).
  | "REGISTRY_CONNECT"
  // A daemon is there but does not answer (`drover registry` only).
  | "REGISTRY_SILENT";
