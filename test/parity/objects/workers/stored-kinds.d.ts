/** Makes a value of each kind, of the given classes of the platform. */
export const storedKinds: Readonly<Record<string, (classes: object) => unknown>>;
