/** How a test's process learns what a Worker threw, instead of the page that people get. */

/** Header of a request, which the Worker does not see: errors are wanted as ErrorAnswer. */
export const WANTS_ERRORS_HEADER = "x-drover-errors";

/** Content type of such an answer. */
export const ERROR_ANSWER_TYPE = "application/vnd.drover.error+json";

export interface ErrorAnswer {
  readonly name: string;
  readonly message: string;
  /** Mapped to the sources; "" where there is none. */
  readonly stack: string;
}
