export function copyProject(name: string): string;
