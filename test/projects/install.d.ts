export function copyProject(name: string): string;
export function installed(manifest: string): string;
