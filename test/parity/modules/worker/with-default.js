export default { of: "default" };
export const named = 1;
