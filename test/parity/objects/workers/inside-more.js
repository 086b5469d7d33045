/** Probes that run inside of an object: transactions, alarms, sections, sockets. */
import { show, steps } from "./tools.js";

export const moreProbes = {
  transactions({ storage }) {
    return steps([
      () => storage.put("base", 1),
      () =>
        storage.transaction(async (txn) => {
          await txn.put("a", 1);
          await storage.put("b", 2);
          return txn.get("a");
        }),
      () =>
        storage.transaction(async (txn) => {
          await txn.put("a", 9);
          throw new RangeError("undo");
        }),
      () => storage.get(["a", "b"]).then(show),
      () =>
        storage.transaction(async (txn) => {
          await txn.put("a", 8);
          txn.rollback();
          txn.rollback();
          return "rolled back";
        }),
      () => storage.get("a"),
      () =>
        storage.transaction(async (txn) => {
          txn.rollback();
          return txn.get("a");
        }),
      async () => {
        let kept;
        await storage.transaction((txn) => {
          kept = txn;
        });
        return kept.get("a");
      },
      () =>
        storage.transaction(async (outer) => {
          await outer.put("outer", 1);
          await storage.transaction(async (inner) => {
            await inner.put("inner", 1);
            inner.rollback();
          });
          return show(await storage.get(["outer", "inner"]));
        }),
      () =>
        storage.transaction(async (outer) =>
          storage.transaction(async () => {
            outer.rollback();
          }),
        ),
      () => storage.transaction(),
      () => storage.transactionSync(),
      () => storage.transaction(() => storage.deleteAll()),
      () =>
        storage.transactionSync(() => {
          storage.sql.exec("create table x (a)");
          storage.kv.put("sync", 1);
          return "done";
        }),
      () =>
        storage.transactionSync(() => {
          storage.kv.put("sync", 2);
          storage.sql.exec("insert into x values (1)");
          throw new Error("undo sync");
        }),
      () => [storage.kv.get("sync"), storage.sql.exec("select count(*) as n from x").one()],
    ]);
  },
  alarms({ storage }) {
    return steps([
      () => storage.getAlarm(),
      () => storage.setAlarm(4102444800000.7),
      () => storage.getAlarm(),
      () => storage.setAlarm(new Date(4102444800001)),
      () => storage.getAlarm(),
      () => storage.setAlarm("2100-01-01"),
      () => storage.setAlarm(null),
      () => storage.setAlarm(),
      () => storage.setAlarm(10n),
      () => storage.setAlarm(Number.NaN),
      () => storage.setAlarm(Number.POSITIVE_INFINITY),
      () => storage.setAlarm(new Date("bad")),
      () => storage.setAlarm(0),
      () => storage.setAlarm(-1),
      () => storage.setAlarm(1e16),
      () =>
        storage.transaction(async (txn) => {
          await txn.setAlarm(4102444800002);
          throw new Error("undo");
        }),
      () => storage.getAlarm(),
      () => storage.deleteAlarm(),
      () => storage.getAlarm(),
      () => storage.setAlarm(4102444800000),
      () => storage.deleteAll(),
      () => storage.getAlarm(),
    ]);
  },
  bookmarks({ storage }) {
    return steps([
      () => storage.getBookmarkForTime(Date.now()),
      () => storage.getBookmarkForTime("x"),
      () => storage.onNextSessionRestoreBookmark("x"),
      () => storage.sync(),
      async () => (await storage.getCurrentBookmark()).length,
    ]);
  },
  sections(ctx) {
    return steps([
      () => ctx.blockConcurrencyWhile(),
      () => ctx.blockConcurrencyWhile(5),
      () => ctx.blockConcurrencyWhile(() => 5),
      () => ctx.blockConcurrencyWhile(async () => ctx.blockConcurrencyWhile(async () => "nested")),
      () => ctx.acceptWebSocket(),
      () => ctx.acceptWebSocket({}),
      () => ctx.getTags(new WebSocketPair()[0]),
      () => ctx.getWebSockets().length,
      () => ctx.getWebSocketAutoResponse(),
      () => ctx.setHibernatableWebSocketEventTimeout(604_800_001),
      () => String(new WebSocketRequestResponsePair("a")),
      () => String(new WebSocketRequestResponsePair("a".repeat(2049), "b")),
      () => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("a".repeat(2049), "b")),
      () => ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("b", "a".repeat(2049))),
      () => ctx.setWebSocketAutoResponse("x"),
      () => {
        const pair = new WebSocketPair();
        ctx.acceptWebSocket(
          pair[1],
          Array.from({ length: 11 }, (_, i) => `t${i}`),
        );
      },
      () => {
        const pair = new WebSocketPair();
        ctx.acceptWebSocket(pair[1], ["x".repeat(257)]);
      },
      () => {
        const pair = new WebSocketPair();
        pair[1].accept();
        ctx.acceptWebSocket(pair[1]);
      },
      () => {
        const pair = new WebSocketPair();
        ctx.acceptWebSocket(pair[1], ["a", "a", 5]);
        return ctx.getTags(pair[1]);
      },
      () => {
        const pair = new WebSocketPair();
        ctx.acceptWebSocket(pair[1]);
        pair[1].accept();
      },
      () => new WebSocketPair()[0].deserializeAttachment(),
      () => new WebSocketPair()[0].serializeAttachment(),
      () => new WebSocketPair()[0].serializeAttachment("x".repeat(16_384)),
    ]);
  },
};
