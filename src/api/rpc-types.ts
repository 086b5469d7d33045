/** What a stub looks like to TypeScript; no code. Describes RPC's rules where they can be said in types. */

/** Values that arrive as they are, though they have methods. */
type Plain =
  | Date
  | RegExp
  | Error
  | URL
  | ArrayBuffer
  | ArrayBufferView
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | readonly unknown[]
  | ReadableStream
  | WritableStream
  | Headers
  | Request
  | Response
  | Blob;

type Method = (...args: never[]) => unknown;

type Called<T> = T extends (...args: infer Args) => infer Result
  ? (...args: Args) => RpcResult<Awaited<Result>>
  : RpcResult<T>;

/** A value that came by RPC: its functions are stubs. */
export type Received<T> = T extends Method
  ? Called<T> & Disposable
  : T extends Plain
    ? T
    : T extends object
      ? { [Key in keyof T]: T[Key] extends Method ? Called<T[Key]> : T[Key] } & Disposable
      : T;

/** The answer of a call: a promise, on which more can be called before it is there. */
export type RpcResult<T> = Promise<Received<T>> &
  Disposable &
  (T extends Method
    ? Called<T>
    : T extends Plain
      ? unknown
      : T extends object
        ? RpcStub<T>
        : unknown);

/** Of a class: its public methods and getters, each answered later. */
export type RpcStub<T extends object> = { readonly [Key in keyof T]: Called<T[Key]> };

/** Of an entrypoint that nothing is known of: any method, one name deep. */
export interface AnyMethods {
  readonly [method: string]: (...args: unknown[]) => unknown;
}
