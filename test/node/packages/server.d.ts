export interface PackageServer {
  readonly origin: string;
  close(): void;
}
export function packageServer(): Promise<PackageServer>;
