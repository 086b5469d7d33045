import { z } from "zod";

const Order = z.object({
  id: z.uuid(),
  mail: z.email(),
  at: z.iso.datetime().transform((text) => new Date(text).getUTCFullYear()),
  link: z.url().optional(),
  address: z.ipv4().or(z.ipv6()).optional(),
  lines: z
    .array(
      z.object({ sku: z.string().regex(/^[A-Z]{3}-\d+$/), count: z.coerce.number().int().min(1) }),
    )
    .nonempty(),
  payment: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("card"), last4: z.string().length(4) }),
    z.object({ kind: z.literal("invoice"), vat: z.string() }),
  ]),
  tags: z.set(z.string()).default(new Set(["none"])),
});
const unique = Order.refine(
  async ({ lines }) => new Set(lines.map(({ sku }) => sku)).size === lines.length,
  {
    message: "a line twice",
    path: ["lines"],
  },
);

/** What zod makes of an order: its value or its errors, in zod's own forms. */
export async function validated(value: unknown): Promise<unknown> {
  const result = await unique.safeParseAsync(value);
  if (result.success) return { order: { ...result.data, tags: [...result.data.tags] } };
  return {
    issues: result.error.issues,
    tree: z.treeifyError(result.error),
    text: z.prettifyError(result.error),
    schema: z.toJSONSchema(Order, { io: "input", unrepresentable: "any" }),
  };
}
