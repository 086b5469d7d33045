/**
 * What dates and flags change about streams (spec/platform.md 9), resolved once when the Worker is
 * loaded. One thread runs one Worker, so this is the thread's state.
 */
export interface StreamCompat {
  /** `streams_byob_reader_detaches_buffer`: a BYOB read takes the buffer away from its owner. */
  readonly byobDetaches: boolean;
  /** `internal_stream_byob_return_view`: the last BYOB read of a native stream has an empty view. */
  readonly byobReturnsView: boolean;
  /** `internal_writable_stream_abort_clears_queue`: writes that wait reject at once. */
  readonly abortClearsQueue: boolean;
  /** `strict_compression_checks` */
  readonly strictCompression: boolean;
  /** `fixup-transform-stream-backpressure`: the readable side of a transform holds no chunk. */
  readonly transformBackpressure: boolean;
  /** `encoder_stream_spec_compliant_backpressure`: the same for text streams. */
  readonly encoderBackpressure: boolean;
  /** `writable_stream_spec_compliant_writer`: `ready` of a released writer rejects. */
  readonly standardWriter: boolean;
  /** `pipe_to_backward_propagation` */
  readonly pipeWatchesDestination: boolean;
  /** `streams_no_default_auto_allocate_chunk_size` switches it off. */
  readonly autoAllocates: boolean;
  /** `enable_fast_jsg_struct`: absent members of results are there, and undefined. */
  readonly fullResults: boolean;
  /** `capture_async_api_throws`: methods that return promises do not throw. */
  readonly rejects: boolean;
}

let current: StreamCompat = {
  byobDetaches: true,
  byobReturnsView: true,
  abortClearsQueue: true,
  strictCompression: true,
  transformBackpressure: true,
  encoderBackpressure: true,
  standardWriter: true,
  pipeWatchesDestination: true,
  autoAllocates: true,
  fullResults: true,
  rejects: true,
};

export function streamCompat(): StreamCompat {
  return current;
}

/** Called before any user code runs. */
export function setStreamCompat(compat: StreamCompat): void {
  current = compat;
}

/** Of a Worker with these flags. */
export function streamCompatOf(flags: Readonly<Record<string, boolean>>): StreamCompat {
  const isOn = (name: string): boolean => flags[name] === true;
  return {
    byobDetaches: isOn("streams_byob_reader_detaches_buffer"),
    byobReturnsView: isOn("internal_stream_byob_return_view"),
    abortClearsQueue: isOn("internal_writable_stream_abort_clears_queue"),
    strictCompression: isOn("strict_compression_checks"),
    transformBackpressure: isOn("fixup-transform-stream-backpressure"),
    encoderBackpressure: isOn("encoder_stream_spec_compliant_backpressure"),
    standardWriter: isOn("writable_stream_spec_compliant_writer"),
    pipeWatchesDestination: isOn("pipe_to_backward_propagation"),
    autoAllocates: !isOn("streams_no_default_auto_allocate_chunk_size"),
    fullResults: isOn("enable_fast_jsg_struct"),
    rejects: isOn("capture_async_api_throws"),
  };
}
