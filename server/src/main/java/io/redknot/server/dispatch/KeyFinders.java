package io.redknot.server.dispatch;

import io.redknot.protocol.Args;
import java.util.List;

/**
 * The commands whose keys, or what is done with them, follow from other arguments.
 *
 * <p>They look only as far as the keys need; whether the rest is well formed is for the command to
 * say.
 */
public final class KeyFinders {
  private static final List<String> READ = List.of("RO", "access");
  private static final List<String> OVERWRITE = List.of("OW", "update");
  private static final List<String> READ_UPDATE = List.of("RW", "access", "update");
  private static final List<String> READ_DELETE = List.of("RW", "access", "delete");

  private static final int SET_FIRST_OPTION = 3;
  private static final int BITFIELD_FIRST_OPERATION = 2;
  private static final int SORT_FIRST_OPTION = 2;
  private static final int MIGRATE_KEY = 3;
  private static final int MIGRATE_FIRST_OPTION = 6;

  private KeyFinders() {}

  /** SET only overwrites, unless GET asks for the old value. */
  public static boolean set(Args args, KeyVisitor visitor) {
    for (int i = SET_FIRST_OPTION; i < args.count(); i++) {
      if (args.is(i, "get")) {
        visitor.key(1, READ_UPDATE);
        return true;
      }
    }
    visitor.key(1, OVERWRITE);
    return true;
  }

  /** BITFIELD only reads where every operation is a GET. */
  public static boolean bitfield(Args args, KeyVisitor visitor) {
    visitor.key(1, bitfieldReads(args) ? READ : READ_UPDATE);
    return true;
  }

  private static boolean bitfieldReads(Args args) {
    int i = BITFIELD_FIRST_OPERATION;
    while (i < args.count()) {
      if (args.is(i, "get") && i + 2 < args.count()) {
        i += 3;
      } else if (args.is(i, "overflow") && i + 1 < args.count()) {
        i += 2;
      } else {
        return false;
      }
    }
    return true;
  }

  /** SORT reads its first key and overwrites the last STORE; BY and GET patterns are not keys. */
  public static boolean sort(Args args, KeyVisitor visitor) {
    visitor.key(1, READ);
    int store = 0;
    int i = SORT_FIRST_OPTION;
    while (i < args.count()) {
      if (args.is(i, "limit")) {
        i += 3;
      } else if (args.is(i, "get") || args.is(i, "by")) {
        i += 2;
      } else if (args.is(i, "store") && i + 1 < args.count()) {
        store = i + 1;
        i += 2;
      } else {
        i++;
      }
    }
    if (store > 0) {
      visitor.key(store, OVERWRITE);
    }
    return true;
  }

  /** SORT_RO reads its first key; BY and GET patterns are not keys. */
  public static boolean sortReadOnly(Args args, KeyVisitor visitor) {
    visitor.key(1, READ);
    return true;
  }

  /** XREAD and XREADGROUP list keys behind STREAMS, and as many ids behind them. */
  public static boolean streams(Args args, KeyVisitor visitor) {
    int i = 1;
    while (i < args.count() && !args.is(i, "streams")) {
      if (args.is(i, "block") || args.is(i, "count")) {
        i += 2;
      } else if (args.is(i, "group")) {
        i += 3;
      } else if (args.is(i, "noack")) {
        i++;
      } else {
        return false;
      }
    }
    int words = args.count() - i - 1;
    if (words <= 0 || words % 2 != 0) {
      return false;
    }
    for (int key = i + 1; key <= i + words / 2; key++) {
      visitor.key(key, READ);
    }
    return true;
  }

  /** MIGRATE names one key, or leaves that empty and lists keys behind KEYS. */
  public static boolean migrate(Args args, KeyVisitor visitor) {
    int i = MIGRATE_FIRST_OPTION;
    // A KEYS without a key behind it is left for the command to refuse.
    while (i < args.count() - 1) {
      if (args.is(i, "keys")) {
        return migrateList(args, i + 1, visitor);
      }
      i += args.is(i, "auth") ? 2 : args.is(i, "auth2") ? 3 : 1;
    }
    visitor.key(MIGRATE_KEY, READ_DELETE);
    return true;
  }

  private static boolean migrateList(Args args, int first, KeyVisitor visitor) {
    if (args.length(MIGRATE_KEY) > 0) {
      return false;
    }
    for (int i = first; i < args.count(); i++) {
      visitor.key(i, READ_DELETE);
    }
    return true;
  }
}
