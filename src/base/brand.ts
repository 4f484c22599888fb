declare const tag: unique symbol;

/** A nominal type: a `Base` that only its own constructor makes. */
export type Brand<Base, Name extends string> = Base & { readonly [tag]: Name };
