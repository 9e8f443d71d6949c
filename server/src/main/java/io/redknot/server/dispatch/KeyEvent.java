package io.redknot.server.dispatch;

import java.util.Locale;

/** What happened to a key, in the terms of keyspace notifications. */
public enum KeyEvent {
  DEL('g'),
  EXPIRE('g'),
  PERSIST('g'),
  RENAME_FROM('g', false),
  RENAME_TO('g'),
  COPY_TO('g'),
  MOVE_FROM('g', false),
  MOVE_TO('g'),
  RESTORE('g'),
  SET('$'),
  APPEND('$'),
  SETRANGE('$'),
  INCRBY('$'),
  INCRBYFLOAT('$'),
  SETBIT('$'),
  SORTSTORE('l'),
  LPUSH('l'),
  RPUSH('l'),
  LPOP('l'),
  RPOP('l'),
  LSET('l'),
  LINSERT('l'),
  LREM('l'),
  LTRIM('l'),
  SADD('s'),
  SREM('s'),
  SPOP('s'),
  SINTERSTORE('s'),
  SUNIONSTORE('s'),
  SDIFFSTORE('s'),
  HSET('h'),
  HDEL('h'),
  HINCRBY('h'),
  HINCRBYFLOAT('h'),
  ZADD('z'),
  ZINCR('z'),
  ZREM('z'),
  ZREMRANGEBYSCORE('z'),
  ZREMRANGEBYRANK('z'),
  ZREMRANGEBYLEX('z'),
  ZPOPMIN('z'),
  ZPOPMAX('z'),
  ZUNIONSTORE('z'),
  ZINTERSTORE('z'),
  ZDIFFSTORE('z'),
  ZRANGESTORE('z'),
  GEORADIUSSTORE('z'),
  GEOSEARCHSTORE('z'),
  PFADD('$'),
  XADD('t'),
  XTRIM('t'),
  XDEL('t'),
  XSETID('t', "xsetid"),
  XGROUP_CREATE('t', "xgroup-create"),
  XGROUP_CREATECONSUMER('t', "xgroup-createconsumer"),
  XGROUP_DELCONSUMER('t', "xgroup-delconsumer"),
  XGROUP_DESTROY('t', "xgroup-destroy"),
  XGROUP_SETID('t', "xgroup-setid");

  private final char letter;
  private final boolean counts;
  private final boolean touches;
  private final String text;

  KeyEvent(char letter) {
    this(letter, true);
  }

  KeyEvent(char letter, boolean counts) {
    this.letter = letter;
    this.counts = counts;
    this.touches = true;
    this.text = name().toLowerCase(Locale.ROOT);
  }

  /** An event of what is kept beside the elements of a stream. */
  KeyEvent(char letter, String text) {
    this.letter = letter;
    this.counts = true;
    this.touches = false;
    this.text = text;
  }

  /** Whether who watches the key has to know of it. */
  public boolean touches() {
    return touches;
  }

  /** Whether it counts as a change; one half of a pair of events does not. */
  public boolean counts() {
    return counts;
  }

  /** The event's class as a letter of {@code notify-keyspace-events}. */
  public char letter() {
    return letter;
  }

  /** The event's name as subscribers see it. */
  public String text() {
    return text;
  }
}
