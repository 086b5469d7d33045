/**
 * What mail says and shows, by name: GET / answers with all that `send_email` bindings do, GET /seen
 * with what the handler saw of each message that came by the endpoint, and what its calls gave.
 */
import * as mail from "cloudflare:email";

const { EmailMessage } = mail;
const seen = [];

const type = (value) => (value === null ? "null" : (value?.constructor?.name ?? typeof value));
const lines = (...all) => `${all.join("\r\n")}\r\n`;
const raw = (headers = {}, body = "Hello") =>
  lines(
    ...Object.entries({
      From: "me@example.com",
      To: "a@example.com",
      Subject: "Hi",
      "Message-ID": "<1@example.com>",
      ...headers,
    })
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}: ${value}`),
    "",
    body,
  );
const message = (from, to, text = raw({ From: from, To: to })) => new EmailMessage(from, to, text);
const ME = "me@example.com";
const A = "a@example.com";

const PROBES = {
  exports: () => Object.keys(mail),
  "shape of a message": () => {
    const one = message(ME, A);
    return [one.from, one.to, EmailMessage.length, EmailMessage.name, typeof EmailMessage];
  },
  "message of nothing": () => type(new EmailMessage()),
  "shape of the binding": ({ ANY }) => [type(ANY), Object.keys(ANY)],
  send: ({ ANY }) => ANY.send(message(ME, A)),
  "send, a stream": ({ ANY }) => ANY.send(message(ME, A, new Response(raw()).body)),
  "send nothing": ({ ANY }) => ANY.send(),
  "send a number": ({ ANY }) => ANY.send(5),
  "send an empty object": ({ ANY }) => ANY.send({}),
  "send, raw is a number": ({ ANY }) => ANY.send(new EmailMessage(ME, A, 5)),
  "send, To differs": ({ ANY }) => ANY.send(message(ME, A, raw({ To: "x@example.com" }))),
  "send, From differs": ({ ANY }) => ANY.send(message(ME, A, raw({ From: "x@example.com" }))),
  "send, From with a name": ({ ANY }) => ANY.send(message(ME, A, raw({ From: `Me <${ME}>` }))),
  "send, From in capitals": ({ ANY }) => ANY.send(message(ME, A, raw({ From: "ME@example.com" }))),
  "send, no From": ({ ANY }) => ANY.send(message(ME, A, raw({ From: null }))),
  "send, no To": ({ ANY }) => ANY.send(message(ME, A, raw({ To: null }))),
  "send, no Message-ID": ({ ANY }) => ANY.send(message(ME, A, raw({ "Message-ID": null }))),
  "send, Message-ID without brackets": ({ ANY }) =>
    ANY.send(message(ME, A, raw({ "Message-ID": "abc" }))),
  "send, Received": ({ ANY }) => ANY.send(message(ME, A, raw({ Received: "from x by y" }))),
  "send, empty": ({ ANY }) => ANY.send(message(ME, A, "")),
  "send, only text": ({ ANY }) => ANY.send(message(ME, A, "hello")),
  "send, a sender without domain": ({ ANY }) => ANY.send(message("root", A, raw({ From: "root" }))),
  "one destination": ({ ONE }) => ONE.send(message(ME, "one@example.com")),
  "one destination, another": ({ ONE }) => ONE.send(message(ME, A)),
  "some destinations": ({ SOME }) => SOME.send(message(ME, "b@example.com")),
  "some destinations, another": ({ SOME }) => SOME.send(message(ME, "c@example.com")),
  "some destinations, capitals": ({ SOME }) => SOME.send(message(ME, "A@example.com")),
  "some senders": ({ FROM }) => FROM.send(message(ME, A)),
  "some senders, another": ({ FROM }) => FROM.send(message("you@example.com", A)),
  builder: ({ ANY }) => ANY.send({ from: ME, to: A, subject: "s", text: "t" }),
  "builder, everything": ({ ANY }) =>
    ANY.send({
      from: { name: "Me", email: ME },
      to: [A, { name: "B", email: "b@example.com" }],
      cc: "c@example.com",
      bcc: ["d@example.com"],
      replyTo: { name: "R", email: "r@example.com" },
      subject: "s",
      text: "t",
      html: "<b>t</b>",
      headers: { "X-A": "1" },
      attachments: [
        { filename: "a.txt", type: "text/plain", content: "aGk=", disposition: "attachment" },
        {
          filename: "i.png",
          type: "image/png",
          content: new Uint8Array([1, 2]),
          disposition: "inline",
          contentId: "i",
        },
      ],
    }),
  "builder, from only": ({ ANY }) => ANY.send({ from: ME, to: A }),
  "builder, no to": ({ ANY }) => ANY.send({ from: ME, subject: "s", text: "t" }),
  "builder, no from": ({ ANY }) => ANY.send({ to: A, subject: "s", text: "t" }),
  "builder, from has a name in text": ({ ANY }) =>
    ANY.send({ from: `Me <${ME}>`, to: A, subject: "s", text: "t" }),
  "builder, domain": ({ ANY }) => ANY.send({ from: "root", to: A, subject: "s", text: "t" }),
  "builder, one destination": ({ ONE }) => ONE.send({ from: ME, to: A, subject: "s", text: "t" }),
  "builder, one destination, two": ({ ONE }) =>
    ONE.send({ from: ME, to: ["one@example.com", A], subject: "s", text: "t" }),
  "builder, one destination, cc": ({ ONE }) =>
    ONE.send({ from: ME, to: "one@example.com", cc: A, subject: "s", text: "t" }),
  "builder, some destinations": ({ SOME }) =>
    SOME.send({ from: ME, to: [A, "x@example.com"], subject: "s", text: "t" }),
  "builder, some destinations, named": ({ SOME }) =>
    SOME.send({ from: ME, to: { name: "A", email: A }, subject: "s", text: "t" }),
  "builder, some senders": ({ FROM }) =>
    FROM.send({ from: "you@example.com", to: A, subject: "s", text: "t" }),
  "builder, some senders, named": ({ FROM }) =>
    FROM.send({ from: { name: "Me", email: ME }, to: A, subject: "s", text: "t" }),
  "other method": ({ ANY }) => ANY.nope(),
};

async function outcome(run) {
  try {
    const value = await run();
    return { value: value === undefined ? "undefined" : value };
  } catch (error) {
    return { threw: `${type(error)}: ${error.message}` };
  }
}

const reply = (one, headers = {}, from = one.to) =>
  new EmailMessage(
    from,
    one.from,
    raw({ From: one.to, To: one.from, "In-Reply-To": one.headers.get("message-id"), ...headers }),
  );

/** By the name before the "@" of the recipient. */
const HANDLERS = {
  look: async (one) => {
    const descriptor = Object.getOwnPropertyDescriptor(one, "from");
    const text = await new Response(one.raw).text();
    return {
      type: type(one),
      keys: Object.keys(one),
      inPrototype: Object.getOwnPropertyNames(Object.getPrototypeOf(one)).sort(),
      values: [one.from, one.to, one.rawSize, one.canBeForwarded, type(one.raw)],
      headers: [...one.headers],
      isOwn: descriptor !== undefined,
      text,
    };
  },
  nothing: () => {},
  reject: (one) => one.setReject("no thanks"),
  "reject-empty": (one) => one.setReject(""),
  "reject-late": async (one) => {
    one.setReject("a");
    one.setReject("b");
  },
  throw: () => {
    throw new TypeError("oh no");
  },
  forward: (one) => one.forward("x@example.com"),
  "forward-headers": (one) => one.forward("x@example.com", new Headers({ "X-A": "1" })),
  "forward-other-header": (one) => one.forward("x@example.com", new Headers({ Subject: "1" })),
  "forward-twice": async (one) => [
    await one.forward("x@example.com"),
    await outcome(() => one.forward("y@example.com")),
  ],
  "reject-forward": async (one) => {
    one.setReject("no");
    return await outcome(() => one.forward("x@example.com"));
  },
  reply: (one) => one.reply(reply(one)),
  "reply-builder": (one) => one.reply({ from: one.to, to: one.from, subject: "Re", text: "t" }),
  "reply-builder-to": (one) =>
    one.reply({ from: "x@example.com", to: "y@example.com", subject: "Re", text: "t" }),
  "reply-builder-all": (one) =>
    one.reply({
      from: { name: "Mé", email: one.to },
      to: [one.from, { name: "B", email: "b@example.com" }],
      cc: "c@example.com",
      bcc: "d@example.com",
      replyTo: "r@example.com",
      subject: "Ré",
      text: "tä",
      html: "<b>t</b>",
      headers: { "X-A": "1" },
      attachments: [
        { filename: "a.txt", type: "text/plain", content: "aGk=", disposition: "attachment" },
      ],
    }),
  "reply-twice": async (one) => [
    await one.reply(reply(one)),
    await outcome(() => one.reply(reply(one))),
  ],
  "reply-from": (one) => one.reply(reply(one, {}, "x@example.com")),
  "reply-to": (one) => one.reply(reply(one, { To: "x@example.com" })),
  "reply-id": (one) => one.reply(reply(one, { "Message-ID": null })),
  "reply-received": (one) => one.reply(reply(one, { Received: "from x by y" })),
  "reply-no-in-reply": (one) => one.reply(reply(one, { "In-Reply-To": null })),
  "reply-other-in-reply": (one) => one.reply(reply(one, { "In-Reply-To": "<other@example.com>" })),
  "reply-references": (one) => one.reply(reply(one, { References: "<0@x> <in@example.com>" })),
  "reply-references-bad": (one) => one.reply(reply(one, { References: "<zzz@x>" })),
  "reply-references-one": (one) => one.reply(reply(one, { References: "<in@example.com>" })),
  "reply-nothing": (one) => one.reply(),
};

export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/seen") return Response.json(seen.splice(0));
    const answers = {};
    for (const [name, probe] of Object.entries(PROBES)) {
      answers[name] = await outcome(() => probe(env));
    }
    return Response.json(answers);
  },
  async email(one, _env, ctx) {
    const name = one.to.split("@")[0];
    let failure;
    const result = await outcome(async () => {
      try {
        return await HANDLERS[name](one);
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    seen.push({ ...result, context: type(ctx) });
    if (name === "throw") throw failure;
  },
};
