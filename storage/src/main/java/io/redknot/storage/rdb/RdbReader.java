package io.redknot.storage.rdb;

import io.redknot.storage.keyspace.HashSlot;
import io.redknot.storage.keyspace.Keyspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of RDB, key by key. Values are only cut out, not decoded, so that others can do that
 * at the same time.
 */
public final class RdbReader {
  /** Gets what a file says beside its keys. */
  public interface Notes {
    /** A field about the file. */
    void field(String name, String value);

    /** How many keys follow in the present database, and how many have an expiry; hints. */
    void sizes(long keys, long expiring);

    /** Whether the file is taken whatever its checksum says. */
    default boolean skipsChecksum() {
      return false;
    }

    /** The source of a library of functions. */
    void function(byte[] source);

    /**
     * What a module wrote beside the keys, which nobody here can read.
     *
     * @param module the name of its type
     * @throws RdbException where the file must not be loaded without it
     */
    void moduleField(String module) throws RdbException;
  }

  private static final byte[] MAGIC = "REDIS".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION_DIGITS = 4;
  private static final int VERSION_OF_CHECKSUM = 5;
  private static final int DATABASES_MAX = 1 << 20;
  private static final long UNSET = -1;

  private final RdbInput in;
  private final Notes notes;
  private final int version;
  private int database;
  private long expiryMs;
  private long idleSeconds;
  private int frequency;

  /**
   * Begins: reads the head of the file.
   *
   * @throws RdbException where it is no RDB, or of a version that is too new
   */
  public RdbReader(RdbInput in, Notes notes) throws IOException {
    this.in = in;
    this.notes = notes;
    for (byte expected : MAGIC) {
      if (in.u8() != expected) {
        throw new RdbException("Wrong signature trying to load DB from file");
      }
    }
    int number = 0;
    boolean isNumber = true;
    for (int i = 0; i < VERSION_DIGITS; i++) {
      int digit = in.u8() - '0';
      isNumber &= digit >= 0 && digit <= 9;
      number = isNumber ? number * 10 + digit : number;
    }
    if (number < 1 || number > RdbFormat.VERSION_MAX) {
      throw new RdbException("Can't handle RDB format version " + number);
    }
    this.version = number;
  }

  /** Whether a file is RDB, or begins with it: reads as much of it as tells. */
  public static boolean isRdb(ByteSource file) throws IOException {
    byte[] head = new byte[MAGIC.length];
    int filled = 0;
    while (filled < head.length) {
      int read = file.read(head, filled, head.length - filled);
      if (read < 0) {
        return false;
      }
      filled += read;
    }
    return Arrays.equals(head, MAGIC);
  }

  /** The version of the file's format. */
  public int version() {
    return version;
  }

  /**
   * The next key.
   *
   * @return null at the end of the file, whose checksum is right then
   * @throws RdbException where the file is damaged
   */
  public @Nullable RdbRecord next() throws IOException {
    expiryMs = Keyspace.NO_EXPIRY;
    idleSeconds = UNSET;
    frequency = (int) UNSET;
    while (true) {
      int code = in.u8();
      if (code == RdbFormat.EOF) {
        verify();
        return null;
      }
      if (!note(code)) {
        return record(code);
      }
    }
  }

  /** Reads what is no value; false where the code is a value's type. */
  private boolean note(int code) throws IOException {
    switch (code) {
      case RdbFormat.EXPIRETIME -> expiryMs = in.i32() * 1000L;
      case RdbFormat.EXPIRETIME_MS -> expiryMs = in.i64();
      case RdbFormat.FREQ -> frequency = in.u8();
      case RdbFormat.IDLE -> idleSeconds = in.length();
      case RdbFormat.SELECTDB -> database = database();
      case RdbFormat.RESIZEDB -> notes.sizes(in.length(), in.length());
      case RdbFormat.AUX -> notes.field(text(), text());
      case RdbFormat.FUNCTION2 -> notes.function(in.string());
      case RdbFormat.MODULE_AUX -> notes.moduleField(ValueSkipper.skipModuleField(in));
      case RdbFormat.FUNCTION_PRE_GA ->
          throw new RdbException("Pre-release function format not supported.");
      default -> {
        return false;
      }
    }
    return true;
  }

  private int database() throws IOException {
    long number = in.length();
    if (number < 0 || number > DATABASES_MAX) {
      throw new RdbException("a database of number " + number);
    }
    return (int) number;
  }

  private String text() throws IOException {
    return new String(in.string(), StandardCharsets.ISO_8859_1);
  }

  private RdbRecord record(int type) throws IOException {
    byte[] key = in.string();
    in.beginCapture();
    ValueSkipper.skip(type, in);
    byte[] value = in.endCapture();
    int slot = HashSlot.of(key, 0, key.length);
    return new RdbRecord(database, expiryMs, idleSeconds, frequency, type, key, slot, value);
  }

  private void verify() throws IOException {
    if (version < VERSION_OF_CHECKSUM) {
      return;
    }
    long sum = in.checksum();
    long expected = in.i64();
    if (expected != 0 && expected != sum && !notes.skipsChecksum()) {
      throw new RdbException("Wrong RDB checksum");
    }
  }
}
