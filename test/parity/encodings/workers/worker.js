/*
 * What TextDecoder makes of bytes in every encoding: all single bytes, all pairs, pairs with something behind them, what takes
 * three and four bytes, escape sequences, streams cut at odd places, bytes by chance (always the same). Each answer is a
 * hash of all texts, `!` for a failure. `/?show=ENCODING+GROUP` lists the texts themselves, to find where two differ.
 */
const CJK = ["gbk", "gb18030", "big5", "euc-jp", "euc-kr", "iso-2022-jp", "shift_jis"];
const SINGLE =
  "ibm866 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-8-i iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u macintosh windows-874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 x-mac-cyrillic x-user-defined".split(
    " ",
  );
const UTF = ["utf-8", "utf-16le", "utf-16be"];
const LABELS =
  "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8 866 cp866 csibm866 csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2 csisolatin3 iso-ir-109 l3 latin3 csisolatin4 iso-ir-110 l4 latin4 csisolatincyrillic cyrillic iso-ir-144 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 sun_eu_greek csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 visual csiso88598i logical csisolatin6 iso-ir-157 l6 latin6 iso8859-13 iso885914 csisolatin9 iso885915 iso_8859-15 l9 cskoi8r koi koi8 koi8_r koi8-ru csmacintosh mac x-mac-roman dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 cp1250 x-cp1250 cp1251 ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii x-cp1252 cp1253 cp1254 csisolatin5 iso-8859-9 iso-ir-148 l5 latin5 cp1255 cp1256 cp1257 cp1258 x-mac-ukrainian chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk big5-hkscs cn-big5 csbig5 x-x-big5 cseucpkdfmtjapanese x-euc-jp csiso2022jp csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement unicodefffe csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-7 utf-32 Latin1 UTF8 SJIS".split(
    " ",
  );
const ODD_LABELS = [
  "",
  " ",
  " utf-8\n",
  "\tGBK ",
  "\vutf-8",
  "utf-8\u00a0",
  "\u0130so-8859-1",
  "null",
];
/** Ends of characters, and what is not. */
const ENDS = [0x30, 0x40, 0x5b, 0x7e, 0x80, 0xa1, 0xa2, 0xc3, 0xfe, 0xff];
const ESCAPES =
  "\x1b(B|\x1b(J|\x1b(I|\x1b$@|\x1b$B|\x1b(|\x1b$|\x1b|\x1b(H|\x1b$A|\x1b$(D|\x0e|\x0f|~{|~}|~~|~\n".split(
    "|",
  );

function chance(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % limit;
  };
}

function some(next, length) {
  return Uint8Array.from({ length }, () => (next(4) === 0 ? next(128) : next(256)));
}

function attempt(run) {
  try {
    return run();
  } catch (error) {
    return `!${error.name}: ${error.message}`;
  }
}

const latin = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));

function* pairs(from) {
  for (let lead = from; lead < 256; lead += 1) {
    for (let trail = 0; trail < 256; trail += 1) yield [lead, trail];
  }
}

function* whole(encoding, options, sequences) {
  const decoder = new TextDecoder(encoding, options);
  for (const bytes of sequences) yield attempt(() => decoder.decode(Uint8Array.from(bytes)));
}

function* byChance(encoding, options) {
  const next = chance(7);
  const length = CJK.includes(encoding) ? 4000 : 500;
  yield* whole(
    encoding,
    options,
    Array.from({ length }, () => some(next, 1 + next(12))),
  );
}

/** After a failure with a decoder that has none behind it. */
function* inParts(encoding, options) {
  const next = chance(9);
  let decoder = new TextDecoder(encoding, options);
  for (let count = 0; count < 5000; count += 1) {
    const text = attempt(() => decoder.decode(some(next, next(6)), { stream: next(4) !== 0 }));
    if (text.startsWith("!TypeError")) decoder = new TextDecoder(encoding, options);
    yield text;
  }
}

function* cut(encoding) {
  const bytes = Uint8Array.from([...pairs(0x80)].filter(([, trail]) => trail >= 0x20).flat());
  for (const size of [1, 2, 3, 5, 7, 64]) {
    const decoder = new TextDecoder(encoding);
    let text = "";
    for (let at = 0; at < bytes.length; at += size) {
      text += decoder.decode(bytes.subarray(at, at + size), { stream: true });
    }
    yield `${text}|${decoder.decode()}`;
  }
}

function* triples(encoding) {
  const all = [];
  for (const [lead, trail] of pairs(0x80)) {
    if (trail % 7 === 0) all.push(...ENDS.map((end) => [lead, trail, end]));
    if (encoding === "euc-jp") all.push([0x8f, lead, trail], [0x8f, trail, lead]);
  }
  yield* whole(encoding, {}, all);
}

function* fours(encoding) {
  const all = [];
  for (let first = 0x81; first < 0xff; first += 1) {
    for (let second = 0x30; second < 0x3a; second += 1) {
      for (let third = 0x81; third < 0xff; third += 5) {
        for (let fourth = 0x30; fourth < 0x3a; fourth += 3)
          all.push([first, second, third, fourth]);
      }
    }
  }
  yield* whole(encoding, {}, all);
}

function* escapes(encoding) {
  const all = [];
  for (const first of ESCAPES) {
    for (const text of ["", "A", "\\", "~", "!", "!!", "0!", "\x7f", "\xa1\xa2", "\n"]) {
      for (const second of ["", ...ESCAPES]) {
        all.push(latin(first + text + second), latin(`${first}${text}${second}z`));
      }
    }
  }
  for (const [lead, trail] of pairs(0x21)) {
    if (lead < 0x7f && trail > 0x20 && trail < 0x7f) {
      all.push(latin(`\x1b$B${String.fromCharCode(lead, trail)}\x1b(B`));
    }
  }
  yield* whole(encoding, {}, all);
  yield* whole(encoding, { fatal: true }, all);
}

/** UTF-16: halves of surrogate pairs, marks, odd ends. */
function* units(encoding) {
  const UNITS = [0x41, 0xd800, 0xdc00, 0xfeff, 0xfffe, 0xdfff];
  const order = (unit) =>
    encoding === "utf-16le" ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255];
  for (const options of [{}, { fatal: true }, { ignoreBOM: true }]) {
    for (const first of UNITS) {
      for (const second of UNITS) {
        for (const third of UNITS) {
          const bytes = Uint8Array.from([first, second, third].flatMap(order));
          yield* whole(encoding, options, [bytes, bytes.subarray(0, 5), bytes.subarray(0, 3)]);
          const decoder = new TextDecoder(encoding, options);
          yield attempt(() => {
            const texts = Array.from(bytes, (byte) =>
              decoder.decode(Uint8Array.of(byte), { stream: true }),
            );
            return [...texts, decoder.decode()].join(",");
          });
        }
      }
    }
  }
}

const singles = Array.from({ length: 256 }, (_, byte) => [byte]);
const FATAL = { fatal: true };

function groupsOf(encoding) {
  const isCjk = CJK.includes(encoding);
  return {
    single: () => whole(encoding, {}, singles),
    "single, fatal": () => whole(encoding, FATAL, singles),
    "by chance": () => byChance(encoding, {}),
    "by chance, fatal": () => byChance(encoding, FATAL),
    "in parts": () => inParts(encoding, {}),
    "in parts, fatal": () => inParts(encoding, FATAL),
    ...(isCjk && {
      pairs: () => whole(encoding, {}, pairs(0)),
      "pairs, fatal": () => whole(encoding, FATAL, pairs(0x80)),
      "pairs with an end": () =>
        whole(
          encoding,
          {},
          [...pairs(0x80)].map((pair) => [...pair, 0x41, 0x42]),
        ),
      triples: () => triples(encoding),
      cut: () => cut(encoding),
    }),
    ...(encoding.startsWith("gb") && { fours: () => fours(encoding) }),
    ...(encoding === "iso-2022-jp" && { escapes: () => escapes(encoding) }),
    ...(encoding.startsWith("utf-16") && { units: () => units(encoding) }),
  };
}

function hash(texts) {
  let value = 0x811c9dc5;
  for (const text of texts) {
    for (let at = 0; at < text.length; at += 1) {
      value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
    }
    value = Math.imul(value ^ 0x10ffff, 0x01000193) >>> 0;
  }
  return value.toString(16);
}

const units16 = (text) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16)).join(" ");

export default {
  fetch(request) {
    const [encoding, ...words] = (new URL(request.url).searchParams.get("show") ?? "").split(" ");
    if (encoding !== "") {
      return Response.json(Array.from(groupsOf(encoding)[words.join(" ")](), units16));
    }
    const answers = {};
    for (const label of [...CJK, ...SINGLE, ...UTF, ...LABELS, ...ODD_LABELS]) {
      answers[`label ${JSON.stringify(label)}`] = attempt(() => new TextDecoder(label).encoding);
    }
    for (const encoding of [...CJK, ...SINGLE, ...UTF]) {
      for (const [name, texts] of Object.entries(groupsOf(encoding))) {
        answers[`${encoding} ${name}`] = hash(texts());
      }
    }
    return Response.json(answers);
  },
};
