import { steps } from "./tools.js";

/** Probes of the caller: ids, namespaces, stubs, errors, order. */
export const outside = {
  ids({ SQL, LEGACY }) {
    const id = SQL.idFromName("alpha");
    return steps([
      () => [id.toString(), id.name, JSON.stringify(id), `${id}`, String(id.jurisdiction)],
      () => SQL.idFromName("").toString(),
      () => SQL.idFromName("é😀").toString(),
      () => LEGACY.idFromName("alpha").toString(),
      () => SQL.idFromString(id.toString()).equals(id),
      () => String(SQL.idFromString(id.toString()).name),
      () => SQL.idFromString(id.toString().toUpperCase()).toString() === id.toString(),
      () => id.equals(SQL.newUniqueId()),
      () => id.equals("x"),
      () => SQL.idFromString("zz"),
      () => SQL.idFromString("00".repeat(32)),
      () => SQL.idFromString(LEGACY.idFromName("alpha").toString()),
      () => SQL.idFromName(),
      () => SQL.idFromName(5).toString() === SQL.idFromName("5").toString(),
      () => SQL.idFromString(),
      () => SQL.get(),
      () => SQL.get("hex"),
      () => SQL.getByName(),
      () => SQL.get(id, { routingMode: "x" }),
      () => SQL.jurisdiction() !== undefined,
      () => Object.getOwnPropertyNames(Object.getPrototypeOf(SQL)).sort(),
      () => String(SQL),
    ]);
  },
  stubs({ SQL }) {
    const id = SQL.idFromName("stub");
    const stub = SQL.get(id);
    return steps([
      () => Object.keys(stub),
      () => [stub.name, stub.id === id, String(stub)],
      () => stub.run("surface").then((surface) => surface.id),
      () => {
        stub.name = "other";
      },
      () => stub.fetch("http://x/path", { method: "PUT" }).then((r) => [r.status, r.statusText]),
      () => stub.fetch("http://x/").then((r) => r.text()),
      () => stub.fetch("http://x/throw"),
      () => stub.missing(),
      () => stub.boom(),
      () => stub.target().read(),
      () => stub.adder(2).then((add) => add(3)),
      () => stub.adder(2)(5),
      () =>
        SQL.get(SQL.newUniqueId())
          .run("surface")
          .then((surface) => surface.id),
      () => SQL.getByName("x".repeat(1025)).name.length,
    ]);
  },
  noRpc({ PLAIN }) {
    const stub = PLAIN.getByName("p");
    return steps([() => stub.anything(), () => stub.fetch("http://x/").then((r) => r.text())]);
  },
  async parallel({ SQL }, name) {
    const stub = SQL.getByName(name);
    const counts = await Promise.all(Array.from({ length: 30 }, () => stub.increment()));
    return counts;
  },
  resets({ SQL }, name) {
    const a = SQL.getByName(`${name}-a`);
    const b = SQL.getByName(`${name}-b`);
    const c = SQL.getByName(`bad-constructor-${name}`);
    const d = SQL.getByName(`bad-section-${name}`);
    return steps([
      () => a.putAndThrow(),
      () => a.read(),
      () => a.made(),
      () => a.putAndAbort(),
      () => a.read(),
      () => SQL.getByName(`${name}-a`).read(),
      () => SQL.getByName(`${name}-a`).made(),
      () => b.putAndAbort("a reason"),
      () => SQL.getByName(`${name}-b`).putAndAbort(5),
      () =>
        SQL.getByName(`${name}-b`)
          .read()
          .then((value) => String(value)),
      () => c.made(),
      () => c.made(),
      () => SQL.getByName(`bad-constructor-${name}`).made(),
      () => d.made(),
      () => SQL.getByName(`bad-section-${name}`).made(),
    ]);
  },
  async order({ SQL }, name) {
    const stub = SQL.getByName(`slow-${name}`);
    await Promise.all(["a", "b", "c"].map((event) => stub.log(event)));
    const first = await stub.log("d");
    const other = SQL.getByName(`${name}-gates`);
    await Promise.all([
      other.section("s1"),
      other.log("between"),
      other.section("s2"),
      other.log("after"),
    ]);
    return [first, await other.log("end")];
  },
  async reentry({ SQL }, name) {
    const stub = SQL.getByName(name);
    const answer = await stub.section("s", async (section) => `called back in ${section}`);
    return [answer, await stub.log("end")];
  },
};
