package io.redknot.storage.value;

import io.redknot.storage.keyspace.EntryFormat;
import io.redknot.storage.keyspace.Keyspace;

/** The types of values: the one place that knows what differs among them when all are listed. */
public enum ValueType {
  STRING(EntryFormat.TYPE_STRING, "string", "", "") {
    @Override
    public String encodingName(Keyspace keys, long ref) {
      return StringValue.encodingName(keys, ref);
    }
  },
  LIST(EntryFormat.TYPE_LIST, "list", "listpack", "quicklist"),
  SET(EntryFormat.TYPE_SET, "set", "listpack", "hashtable"),
  ZSET(EntryFormat.TYPE_ZSET, "zset", "listpack", "skiplist"),
  HASH(EntryFormat.TYPE_HASH, "hash", "listpack", "hashtable"),
  STREAM(EntryFormat.TYPE_STREAM, "stream", "", "stream");

  private static final ValueType[] BY_NUMBER = byNumber();

  private final int number;
  private final String typeName;
  private final String smallName;
  private final String largeName;

  ValueType(int number, String typeName, String smallName, String largeName) {
    this.number = number;
    this.typeName = typeName;
    this.smallName = smallName;
    this.largeName = largeName;
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
    return switch (keys.encoding(ref)) {
      case EntryFormat.LISTPACK -> smallName;
      case EntryFormat.INTSET -> "intset";
      default -> largeName;
    };
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
