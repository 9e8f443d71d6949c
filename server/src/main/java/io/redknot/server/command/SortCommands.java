package io.redknot.server.command;

import static io.redknot.server.dispatch.AclCategory.DANGEROUS;
import static io.redknot.server.dispatch.AclCategory.LIST;
import static io.redknot.server.dispatch.AclCategory.SET;
import static io.redknot.server.dispatch.AclCategory.SORTEDSET;
import static io.redknot.server.dispatch.CommandFlag.DENYOOM;
import static io.redknot.server.dispatch.CommandFlag.READONLY;
import static io.redknot.server.dispatch.CommandFlag.WRITE;

import io.redknot.protocol.Args;
import io.redknot.protocol.RespWriter;
import io.redknot.server.dispatch.CommandContext;
import io.redknot.server.dispatch.CommandError;
import io.redknot.server.dispatch.CommandTable;
import io.redknot.server.dispatch.KeyEvent;
import io.redknot.server.dispatch.KeyFinders;
import io.redknot.server.dispatch.KeySpec;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.ListValue;
import io.redknot.storage.value.ValueType;

/** SORT and SORT_RO: elements of a list, set or sorted set in the order of their weights. */
public final class SortCommands {
  private static final CommandError NOT_NUMBERS =
      CommandError.of("ERR One or more scores can't be converted into double");

  private static final KeySpec PATTERNS =
      KeySpec.of(new KeySpec.Begin.Unknown(), new KeySpec.Find.Unknown(), "RO access")
          .noted(
              "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive"
                  + " from the content of the key we sort");
  private static final KeySpec STORE =
      KeySpec.of(new KeySpec.Begin.Unknown(), new KeySpec.Find.Unknown(), "OW update")
          .noted(
              "For the optional STORE keyword. It is marked 'unknown' because the keyword can"
                  + " appear anywhere in the argument array");

  private SortCommands() {}

  /** Adds the rows. */
  public static void register(CommandTable table) {
    table
        .add("sort", -2, (ctx, args, out) -> sort(ctx, args, out, true))
        .flags(WRITE, DENYOOM)
        .in(SET, SORTEDSET, LIST, DANGEROUS)
        .keys(KeySpec.at(1, "RO access"), PATTERNS, STORE)
        .findKeysBy(KeyFinders::sort);
    table
        .add("sort_ro", -2, (ctx, args, out) -> sort(ctx, args, out, false))
        .flags(READONLY)
        .in(SET, SORTEDSET, LIST, DANGEROUS)
        .keys(KeySpec.at(1, "RO access"), PATTERNS)
        .findKeysBy(KeyFinders::sortReadOnly);
  }

  private static void sort(CommandContext ctx, Args args, RespWriter out, boolean mayStore) {
    SortOptions options = SortOptions.of(args, mayStore, inCluster(ctx));
    long ref = Keys.read(ctx, args, 1);
    ValueType type = type(ctx.keyspace(), ref);
    // Sets have no order of their own; what is stored must not depend on how they are kept.
    boolean unordered = type == ValueType.SET && options.store() > 0;
    boolean sorts = options.sorts() || unordered;
    boolean alpha = options.alpha() || !options.sorts();
    SortPattern by = options.sorts() ? options.by() : null;
    long count = ref == 0 ? 0 : SortSource.count(ctx, ref, type);
    long first = Math.min(Math.max(options.offset(), 0), count);
    long limit = Math.min(options.limit(), count);
    long end = limit < 0 ? count : Math.min(first + limit, count);
    SortElements elements = new SortElements();
    if (ref != 0 && (sorts || type == ValueType.SET)) {
      SortSource.load(ctx, ref, type, elements);
    } else if (ref != 0) {
      // In the order in which they are: no others need to be looked at.
      SortSource.load(ctx, ref, type, elements, first, end - first, options.descends());
      end -= first;
      first = 0;
    }
    int[] order = elements.identity();
    if (sorts) {
      SortWeights weights = new SortWeights(elements, options.store() > 0, options.descends());
      order = alpha ? weights.byText(ctx, by) : weights.byNumber(ctx, by);
      if (order == null) {
        throw NOT_NUMBERS;
      }
    }
    SortResult result = new SortResult(ctx, elements, order, (int) first, (int) end);
    if (options.store() == 0) {
      result.write(options.gets(), out);
    } else {
      out.integer(store(ctx, args, options.store(), result.collect(options.gets())));
    }
  }

  private static boolean inCluster(CommandContext ctx) {
    return ctx.server().config().clusterEnabled.get();
  }

  /** The type of a key that can be sorted; a missing one is as an empty list. */
  private static ValueType type(Keyspace keys, long ref) {
    ValueType type = ref == 0 ? ValueType.LIST : ValueType.of(keys, ref);
    return switch (type) {
      case LIST, SET, ZSET -> type;
      case STRING, HASH, STREAM -> throw CommandError.WRONG_TYPE;
    };
  }

  /** Makes a list of the result, in the place of what the key held; its length. */
  private static int store(CommandContext ctx, Args args, int key, SortElements result) {
    Keyspace keys = ctx.keyspace();
    int count = result.count();
    if (count == 0) {
      Keys.removeTarget(ctx, args, key);
      return 0;
    }
    long ref = Keys.find(ctx, args, key);
    ref = ListValue.put(keys, ref, args.array(), args.offset(key), args.length(key));
    ref = keys.expireAt(ref, Keyspace.NO_EXPIRY);
    ListLimits limits = ListCommands.limits(ctx);
    ref = ListValue.grow(keys, ref, encodedBytes(result), count, limits);
    byte[] array = result.array();
    for (int i = 0; i < count; i++) {
      ref = ListValue.addLast(keys, ref, array, result.offset(i), result.length(i), limits);
    }
    Keys.changed(ctx, args, key, KeyEvent.SORTSTORE, count);
    return count;
  }

  /** Bytes of the result in a listpack: by these, and not by its texts, its form is chosen. */
  private static long encodedBytes(SortElements result) {
    long bytes = 0;
    for (int i = 0; i < result.count(); i++) {
      bytes += Listpack.encodedBytes(result.array(), result.offset(i), result.length(i));
    }
    return bytes;
  }
}
