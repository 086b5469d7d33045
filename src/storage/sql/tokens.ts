/**
 * Cuts SQL text into tokens by SQLite's rules: enough to split statements, to count and name
 * parameters and to find a name in the text. Never fails: what SQLite would not take is a token of
 * type "illegal", and SQLite says so. Pure.
 */

export type TokenType =
  | "word"
  | "quoted"
  | "string"
  | "number"
  | "parameter"
  | "punctuation"
  | "illegal";

export interface Token {
  readonly type: TokenType;
  /** Offsets in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** Loops of one character class each, so that megabytes in one string need no stack. */
const PATTERNS: Readonly<Record<"space" | TokenType, RegExp>> = {
  space: /[ \t\n\f\r]+|--[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|\/\*[\s\S]*/,
  string: /[xX]?'[^']*(?:''[^']*)*'/,
  quoted: /"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\]/,
  illegal: /["'`[][\s\S]*/,
  number: /0[xX][0-9a-fA-F]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/,
  parameter:
    /\?\d*|[:@#][\w$\u0080-\uffff]+|\$[\w$\u0080-\uffff]+(?:::[\w$\u0080-\uffff]+)*(?:\([^\s)]*\))?/,
  word: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/,
  punctuation: /->>|->|<=|>=|<>|==|!=|<<|>>|\|\||[\s\S]/,
};

/** In this order: the first that matches at a position is the token. */
const TOKEN: RegExp = new RegExp(
  Object.entries(PATTERNS)
    .map(([type, { source }]) => `(?<${type}>${source})`)
    .join("|"),
  "y",
);

const TYPES = (Object.keys(PATTERNS) as (keyof typeof PATTERNS)[]).filter(
  (type): type is TokenType => type !== "space",
);

/** All tokens but white space and comments, in order. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < sql.length) {
    const start = pattern.lastIndex;
    const groups = pattern.exec(sql)?.groups ?? {};
    const type = TYPES.find((name) => groups[name] !== undefined);
    if (type !== undefined) tokens.push({ type, start, end: pattern.lastIndex });
  }
  return tokens;
}

/** The name that a word or a quoted token stands for. */
export function nameOf(sql: string, { type, start, end }: Token): string {
  const text = sql.slice(start, end);
  if (type !== "quoted" && type !== "string") return text;
  const quote = text[0] === "[" ? undefined : text[0];
  const inner = text.slice(1, -1);
  return quote === undefined ? inner : inner.replaceAll(quote + quote, quote);
}
