/** Script name of the runtime in stacks and in the debugger; its frames are left out of stacks. */
export const RUNTIME_SCRIPT = "drover:runtime";
