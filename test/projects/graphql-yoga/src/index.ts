import { GraphQLError } from "graphql";
import { createSchema, createYoga } from "graphql-yoga";

const notes: { id: number; text: string }[] = [];

const yoga = createYoga<ExecutionContext>({
  logging: false,
  graphiql: false,
  maskedErrors: { isDev: false },
  schema: createSchema<ExecutionContext>({
    typeDefs: /* GraphQL */ `
      scalar File
      type Note {
        id: ID!
        text: String!
        length(unit: Unit = CHARS): Int!
      }
      enum Unit { CHARS BYTES }
      type Query {
        notes(first: Int = 10): [Note!]!
        fails: String
        hidden: String
        agent: String
      }
      type Mutation {
        add(text: String!): Note!
        read(file: File!): String!
      }
      type Subscription { countdown(from: Int!): Int! }
    `,
    resolvers: {
      Note: {
        length: ({ text }, { unit }) =>
          unit === "BYTES" ? new TextEncoder().encode(text).length : text.length,
      },
      Query: {
        notes: (_, { first }) => notes.slice(0, first),
        fails() {
          throw new GraphQLError("told", { extensions: { code: "TOLD", http: { status: 402 } } });
        },
        hidden() {
          throw new Error("a secret of the server");
        },
        agent: (_, __, { request }) => request.headers.get("x-agent"),
      },
      Mutation: {
        add(_, { text }) {
          const note = { id: notes.length + 1, text };
          notes.push(note);
          return note;
        },
        read: async (_, { file }: { file: File }) =>
          `${file.name} ${file.type} ${await file.text()}`,
      },
      Subscription: {
        countdown: {
          async *subscribe(_, { from }) {
            for (let left = from; left >= 0; left--) {
              await new Promise((resolve) => setTimeout(resolve, 5));
              yield { countdown: left };
            }
          },
        },
      },
    },
  }),
});

export default { fetch: yoga.fetch };
