/** Script name of the runtime in stacks and in the debugger; its frames are left out of stacks. */
export const RUNTIME_SCRIPT = "drover:runtime";
/** Begins the last argument of a console call that is told to debuggers after it was made: its place follows as JSON. */
export const KEPT_CALL = "drover:called-at ";
