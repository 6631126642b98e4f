// A plugin that means well, with data of its own that nobody else may see or change.
export default {
  hooks: {
    "content:beforeSave": (event) => ({ ...event.content, excerpt: "Seen by the neighbour" }),
  },
  routes: {
    begin: async (_, ctx) => {
      await ctx.kv.set("secret", "of the neighbour");
      await ctx.storage.letters.put("first", { from: "a friend" });
    },
    check: async (_, ctx) => ({
      values: await ctx.kv.list(),
      letters: (await ctx.storage.letters.query()).items,
      globals: ["polluted", "stolen"].filter((name) => name in globalThis),
    }),
  },
};
