package io.redknot.storage.value;

import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;

/** The types of values: the one place that knows what differs among them when all are listed. */
public enum ValueType {
  STRING(EntryFormat.TYPE_STRING, "string") {
    @Override
    public String encodingName(Keyspace keys, long ref) {
      return StringValue.encodingName(keys, ref);
    }
  },
  LIST(EntryFormat.TYPE_LIST, "list", "listpack", "", "quicklist"),
  SET(EntryFormat.TYPE_SET, "set", "listpack", "intset", "hashtable"),
  ZSET(EntryFormat.TYPE_ZSET, "zset", "listpack", "", "skiplist"),
  HASH(EntryFormat.TYPE_HASH, "hash", "listpack", "", "hashtable"),
  STREAM(EntryFormat.TYPE_STREAM, "stream", "", "", "stream");

  private static final ValueType[] BY_NUMBER = byNumber();

  private final int number;
  private final String typeName;

  /** By number of the encoding. */
  private final String[] encodingNames;

  ValueType(int number, String typeName, String... encodingNames) {
    this.number = number;
    this.typeName = typeName;
    this.encodingNames = encodingNames;
  }

  private static ValueType[] byNumber() {
    int max = 0;
    for (ValueType type : values()) {
      max = Math.max(max, type.number);
    }
    ValueType[] types = new ValueType[max + 1];
    for (ValueType type : values()) {
      types[type.number] = type;
    }
    return types;
  }

  /** The type of an entry. */
  public static ValueType of(Keyspace keys, long ref) {
    return BY_NUMBER[keys.type(ref)];
  }

  /** The name that TYPE tells. */
  public String typeName() {
    return typeName;
  }

  /** The name of an entry's encoding that OBJECT ENCODING tells; the entry is of this type. */
  public String encodingName(Keyspace keys, long ref) {
    return encodingNames[keys.encoding(ref)];
  }

  /** Whether an entry is of this type. */
  public boolean is(Keyspace keys, long ref) {
    return keys.type(ref) == number;
  }

  /** The number under which entries name this type. */
  public int number() {
    return number;
  }
}
