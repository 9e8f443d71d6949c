package io.redknot.storage.rdb;

import io.redknot.storage.encoding.HashTable;
import io.redknot.storage.encoding.Listpack;
import io.redknot.storage.encoding.NodeList;
import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.value.SortedSet;
import io.redknot.storage.value.StringValue;
import io.redknot.storage.value.ValueType;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes values as RDB has them, each in the type that is nearest to how it is kept. */
public final class ValueWriter {
  private static final int VERSION_OF_SET_LISTPACK = 11;

  private ValueWriter() {}

  /** The RDB type of an entry's value in a version of the format. */
  public static int type(Keyspace keys, long ref, int version) {
    boolean packed = keys.encoding(ref) == EntryFormat.LISTPACK;
    return switch (ValueType.of(keys, ref)) {
      case STRING -> RdbFormat.STRING;
      case LIST -> RdbFormat.LIST_QUICKLIST_2;
      case SET -> setType(keys.encoding(ref), version);
      case ZSET -> packed ? RdbFormat.ZSET_LISTPACK : RdbFormat.ZSET_2;
      case HASH -> packed ? RdbFormat.HASH_LISTPACK : RdbFormat.HASH;
      case STREAM ->
          version >= VERSION_OF_SET_LISTPACK
              ? RdbFormat.STREAM_LISTPACKS_3
              : RdbFormat.STREAM_LISTPACKS_2;
    };
  }

  private static int setType(int encoding, int version) {
    if (encoding == EntryFormat.INTSET) {
      return RdbFormat.SET_INTSET;
    }
    boolean packed = encoding == EntryFormat.LISTPACK && version >= VERSION_OF_SET_LISTPACK;
    return packed ? RdbFormat.SET_LISTPACK : RdbFormat.SET;
  }

  /** Writes an entry's value, without its type. */
  public static void write(Keyspace keys, long ref, int version, RdbOutput out) throws IOException {
    switch (ValueType.of(keys, ref)) {
      case STRING -> writeString(keys, ref, out);
      case LIST -> writeList(keys, ref, out);
      case SET -> writeSet(keys, ref, version, out);
      case ZSET -> writeSortedSet(keys, ref, out);
      case HASH -> writeHash(keys, ref, out);
      case STREAM -> StreamCodec.write(keys, ref, version, out);
    }
  }

  private static void writeString(Keyspace keys, long ref, RdbOutput out) throws IOException {
    if (StringValue.isInteger(keys, ref)) {
      out.string(StringValue.integer(keys, ref));
    } else {
      writeBytes(keys, ref, out);
    }
  }

  private static void writeBytes(Keyspace keys, long ref, RdbOutput out) throws IOException {
    out.string(keys.valueArray(ref), keys.valueOffset(ref), keys.valueLength(ref));
  }

  private static void writeHash(Keyspace keys, long ref, RdbOutput out) throws IOException {
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      writeBytes(keys, ref, out);
      return;
    }
    HashTable fields = (HashTable) keys.large(ref);
    out.length(fields.count());
    fields.forEach(
        (field, at, length, value, valueAt, valueLength) -> {
          text(out, field, at, length);
          text(out, value, valueAt, valueLength);
        });
  }

  private static void writeSet(Keyspace keys, long ref, int version, RdbOutput out)
      throws IOException {
    if (setType(keys.encoding(ref), version) != RdbFormat.SET) {
      writeBytes(keys, ref, out);
    } else if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      byte[] lp = keys.valueArray(ref);
      int at = keys.valueOffset(ref);
      out.length(Listpack.count(lp, at));
      for (int p = Listpack.first(lp, at); p != Listpack.NONE; p = Listpack.next(lp, at, p)) {
        element(out, lp, at, p);
      }
    } else {
      HashTable members = (HashTable) keys.large(ref);
      out.length(members.count());
      members.forEach(
          (member, from, length, value, valueAt, valueLength) -> text(out, member, from, length));
    }
  }

  private static void element(RdbOutput out, byte[] lp, int at, int p) throws IOException {
    if (Listpack.isInteger(lp, at, p)) {
      out.string(Listpack.integer(lp, at, p));
    } else {
      out.string(lp, Listpack.textOffset(lp, at, p), Listpack.textLength(lp, at, p));
    }
  }

  /** From the greatest score down, as Redis does it. */
  private static void writeSortedSet(Keyspace keys, long ref, RdbOutput out) throws IOException {
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      writeBytes(keys, ref, out);
      return;
    }
    SortedSet set = (SortedSet) keys.large(ref);
    out.length(set.count());
    set.visit(
        set.count() - 1L,
        set.count(),
        true,
        (score, member, at, length) -> {
          text(out, member, at, length);
          try {
            out.i64(Double.doubleToRawLongBits(score));
          } catch (IOException failure) {
            throw new UncheckedIOException(failure);
          }
        });
  }

  private static void writeList(Keyspace keys, long ref, RdbOutput out) throws IOException {
    if (keys.encoding(ref) == EntryFormat.LISTPACK) {
      out.length(1);
      out.length(RdbFormat.NODE_PACKED);
      writeBytes(keys, ref, out);
      return;
    }
    NodeList list = (NodeList) keys.large(ref);
    out.length(list.nodes());
    for (int i = 0; i < list.nodes(); i++) {
      out.length(RdbFormat.NODE_PACKED);
      byte[] lp = list.array(i);
      int at = list.offset(i);
      out.string(lp, at, Listpack.bytes(lp, at));
    }
  }

  private static void text(RdbOutput out, byte[] bytes, int offset, int length) {
    try {
      out.string(bytes, offset, length);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
