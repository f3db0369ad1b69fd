/** The four shapes of a leak for whatever can be made, used and freed. See base.ts. */
import {
  type Context,
  cancellable,
  fasterAnswer,
  type Program,
  raceAndCancel,
  refuse,
  type Shape,
  slowAnswer,
} from './base.js';

export interface Handle {
  free(): void;
}

/** How to make a handle, on a line with the comment `leak: NAME`, and what is done with it. */
export interface Recipe<H extends Handle = Handle> {
  make(context: Context): H | Promise<H>;
  use(handle: H, context: Context): unknown;
}

export function shapesOf<H extends Handle>(recipe: Recipe<H>): Record<Shape, Program> {
  return {
    'early return': earlyReturn(recipe),
    throw: thrown(recipe),
    'abandoned generator': abandonedGenerator(recipe),
    'lost promise': lostPromise(recipe),
  };
}

function earlyReturn<H extends Handle>({ make, use }: Recipe<H>): Program {
  return {
    async leaky(context) {
      const handle = await make(context);
      use(handle, context);
      if (!context.db.has('missing')) return 'nothing to do';
      handle.free();
    },
    async clean(context) {
      const handle = await make(context);
      try {
        use(handle, context);
        if (!context.db.has('missing')) return 'nothing to do';
      } finally {
        handle.free();
      }
    },
  };
}

function thrown<H extends Handle>({ make, use }: Recipe<H>): Program {
  return {
    async leaky(context) {
      const handle = await make(context);
      use(handle, context);
      refuse(context.db.get('key'));
      handle.free();
    },
    async clean(context) {
      const handle = await make(context);
      try {
        use(handle, context);
        refuse(context.db.get('key'));
      } finally {
        handle.free();
      }
    },
  };
}

function abandonedGenerator<H extends Handle>({ make, use }: Recipe<H>): Program {
  async function* uses(context: Context) {
    const handle = await make(context);
    for (let count = 0; count < 3; count++) {
      use(handle, context);
      yield count;
    }
    handle.free();
  }
  async function* usesFreed(context: Context) {
    const handle = await make(context);
    try {
      for (let count = 0; count < 3; count++) {
        use(handle, context);
        yield count;
      }
    } finally {
      handle.free();
    }
  }
  return {
    leaky: (context) => uses(context).next(),
    async clean(context) {
      for await (const count of usesFreed(context)) return count;
    },
  };
}

function lostPromise<H extends Handle>({ make, use }: Recipe<H>): Program {
  return {
    async leaky(context) {
      const handle = await make(context);
      const work = async () => {
        use(handle, context);
        await slowAnswer();
        handle.free();
      };
      return Promise.race([work(), fasterAnswer()]);
    },
    async clean(context) {
      const handle = await make(context);
      return raceAndCancel(async (signal) => {
        try {
          use(handle, context);
          return await cancellable(signal);
        } finally {
          handle.free();
        }
      });
    },
  };
}
