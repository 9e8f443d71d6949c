package io.redknot.storage.rdb;

import java.io.IOException;

/** Passes over values without decoding them. */
final class ValueSkipper {
  private static final int MODULE_END = 0;
  private static final int MODULE_SIGNED = 1;
  private static final int MODULE_UNSIGNED = 2;
  private static final int MODULE_FLOAT = 3;
  private static final int MODULE_DOUBLE = 4;
  private static final int MODULE_STRING = 5;
  private static final int STREAM_ID_BYTES = 16;

  private ValueSkipper() {}

  /**
   * Passes over a value of an RDB type.
   *
   * @throws RdbException where there is no such type
   */
  static void skip(int type, RdbInput in) throws IOException {
    switch (type) {
      case RdbFormat.STRING,
          RdbFormat.HASH_ZIPMAP,
          RdbFormat.LIST_ZIPLIST,
          RdbFormat.SET_INTSET,
          RdbFormat.ZSET_ZIPLIST,
          RdbFormat.HASH_ZIPLIST,
          RdbFormat.HASH_LISTPACK,
          RdbFormat.ZSET_LISTPACK,
          RdbFormat.SET_LISTPACK ->
          in.skipString();
      case RdbFormat.LIST, RdbFormat.SET, RdbFormat.LIST_QUICKLIST -> skipStrings(in, 1);
      case RdbFormat.HASH -> skipStrings(in, 2);
      case RdbFormat.ZSET, RdbFormat.ZSET_2 -> skipScored(in, type == RdbFormat.ZSET_2);
      case RdbFormat.LIST_QUICKLIST_2 -> skipNodes(in);
      case RdbFormat.STREAM_LISTPACKS, RdbFormat.STREAM_LISTPACKS_2, RdbFormat.STREAM_LISTPACKS_3 ->
          skipStream(in, type);
      case RdbFormat.MODULE_2 -> {
        in.length();
        skipModule(in);
      }
      case RdbFormat.MODULE_PRE_GA ->
          throw new RdbException("Pre-release module format not supported");
      default -> throw new RdbException("Unknown RDB encoding type " + type);
    }
  }

  private static void skipStrings(RdbInput in, int group) throws IOException {
    for (long left = (long) in.count() * group; left > 0; left--) {
      in.skipString();
    }
  }

  private static void skipScored(RdbInput in, boolean binary) throws IOException {
    for (int left = in.count(); left > 0; left--) {
      in.skipString();
      if (binary) {
        in.skip(Double.BYTES);
      } else {
        int length = in.u8();
        in.skip(length < RdbFormat.DOUBLE_NAN ? length : 0);
      }
    }
  }

  private static void skipNodes(RdbInput in) throws IOException {
    for (int left = in.count(); left > 0; left--) {
      in.length();
      in.skipString();
    }
  }

  private static void skipLengths(RdbInput in, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      in.length();
    }
  }

  private static void skipStream(RdbInput in, int type) throws IOException {
    for (int left = in.count(); left > 0; left--) {
      in.skipString();
      in.skipString();
    }
    boolean second = type != RdbFormat.STREAM_LISTPACKS;
    // Length and last id; then first id, greatest deleted id and entries added.
    skipLengths(in, second ? 8 : 3);
    for (int groups = in.count(); groups > 0; groups--) {
      in.skipString();
      skipLengths(in, second ? 3 : 2);
      for (int pending = in.count(); pending > 0; pending--) {
        in.skip(STREAM_ID_BYTES + Long.BYTES);
        in.length();
      }
      for (int consumers = in.count(); consumers > 0; consumers--) {
        in.skipString();
        in.skip(type == RdbFormat.STREAM_LISTPACKS_3 ? 2L * Long.BYTES : Long.BYTES);
        in.skip((long) in.count() * STREAM_ID_BYTES);
      }
    }
  }

  /** Passes over what a module wrote beside the keys; the name of its type. */
  static String skipModuleField(RdbInput in) throws IOException {
    long id = in.length();
    if (in.length() != MODULE_UNSIGNED) {
      throw new RdbException("bad when_opcode");
    }
    in.length();
    skipModule(in);
    return ModuleNames.of(id);
  }

  private static void skipModule(RdbInput in) throws IOException {
    while (true) {
      long code = in.length();
      switch ((int) Math.min(code, Integer.MAX_VALUE)) {
        case MODULE_END -> {
          return;
        }
        case MODULE_SIGNED, MODULE_UNSIGNED -> in.length();
        case MODULE_FLOAT -> in.skip(Float.BYTES);
        case MODULE_DOUBLE -> in.skip(Double.BYTES);
        case MODULE_STRING -> in.skipString();
        default -> throw new RdbException("a module's value has no opcode " + code);
      }
    }
  }
}
