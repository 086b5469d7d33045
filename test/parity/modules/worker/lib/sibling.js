export const near = true;
