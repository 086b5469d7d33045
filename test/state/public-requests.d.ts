export type PublicRequest = [method: string, path: string, headers: Record<string, string>];
export const PUBLIC_REQUESTS: readonly PublicRequest[];
export function askPublic(url: string, wanted: PublicRequest): Promise<object>;
