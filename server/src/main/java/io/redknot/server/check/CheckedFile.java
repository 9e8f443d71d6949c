package io.redknot.server.check;

import io.redknot.storage.aof.AofException;
import io.redknot.storage.aof.AofReader;
import io.redknot.storage.aof.AofReader.Outcome;
import io.redknot.storage.encoding.ListLimits;
import io.redknot.storage.keyspace.DatabasePlace;
import io.redknot.storage.keyspace.Keyspace;
import io.redknot.storage.keyspace.Shards;
import io.redknot.storage.rdb.EncodingLimits;
import io.redknot.storage.rdb.RdbException;
import io.redknot.storage.rdb.RdbInput;
import io.redknot.storage.rdb.RdbReader;
import io.redknot.storage.rdb.RdbRecord;
import io.redknot.storage.rdb.RecordLoader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One file of data, of commands, or of data with commands behind it. */
final class CheckedFile {
  /** Values are decoded into a scratch of so many keys, which is then thrown away. */
  private static final int SCRATCH_KEYS = 4096;

  private static final EncodingLimits LIMITS =
      new EncodingLimits(512, 64, 512, 128, 64, 128, 64, ListLimits.of(-2));

  /** What may be done about commands that are damaged. */
  enum Fix {
    /** The end is cut off. */
    CUT(""),
    /** Nobody has asked for it. */
    OFFER("--fix cuts off the last %d bytes"),
    /** What the next file changes would be applied to another data set. */
    NOT_LAST("is not the last file, so it cannot be repaired by cutting it"),
    /** Cutting this one would not give a data set. */
    OTHERS("is left as it is, because a file before it is damaged");

    private final String text;

    Fix(String text) {
      this.text = text;
    }
  }

  /** What was cut off earlier and is kept beside a file: so many times. */
  private static final int ASIDE_MAX = 1000;

  private final Path path;
  private final PrintStream out;
  private final long nowMs;
  private final long untilSeconds;

  /**
   * Made to be checked.
   *
   * @param untilSeconds Unix time of the last commands that are wanted, where the file tells times;
   *     or {@link AofReader#ANY_TIME}
   */
  CheckedFile(Path path, PrintStream out, long nowMs, long untilSeconds) {
    this.path = path;
    this.out = out;
    this.nowMs = nowMs;
    this.untilSeconds = untilSeconds;
  }

  /**
   * Reads it from end to end.
   *
   * @param fix whether what stands behind the last whole command may be cut off, is to be, or why
   *     it may not
   * @return whether all is well, or is now
   */
  boolean check(Fix fix) throws IOException {
    long from = 0;
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      if (isData(file)) {
        from = data(file);
        if (from < 0) {
          return false;
        }
        if (from == file.size()) {
          return true;
        }
      }
      Commands found = commands(file, from);
      report(found, file.size());
      if (found.end == file.size()) {
        return true;
      }
      if (found.later && found.end == 0) {
        out.println(path + ": nothing in it is of that time or before");
        return false;
      }
      boolean cuts = fix == Fix.CUT || (fix == Fix.OFFER && found.later);
      if (!cuts) {
        long tail = file.size() - found.end;
        out.println(path + ": " + fix.text.replace("%d", Long.toString(tail)));
        return false;
      }
    }
    return cut(from);
  }

  private static boolean isData(FileChannel file) throws IOException {
    boolean data =
        RdbReader.isRdb((target, at, length) -> file.read(ByteBuffer.wrap(target, at, length)));
    file.position(0);
    return data;
  }

  /** Returns where the data ends; -1 where it is damaged. */
  private long data(FileChannel file) throws IOException {
    RdbInput in =
        new RdbInput((target, at, length) -> file.read(ByteBuffer.wrap(target, at, length)));
    Counts counts = new Counts();
    try {
      RdbReader reader = new RdbReader(in, counts);
      out.println(path + ": data in version " + reader.version() + " of RDB");
      for (RdbRecord record = reader.next(); record != null; record = reader.next()) {
        counts.add(record);
      }
    } catch (RdbException damaged) {
      out.println(
          path
              + ": damaged at byte "
              + in.position()
              + ": "
              + damaged.getMessage()
              + "; "
              + counts.text()
              + " before it can be read. Data cannot be repaired");
      return -1;
    }
    out.println(path + ": " + counts.text() + ", the checksum is right");
    return in.position();
  }

  /** Keys that were read, each decoded to see that its value is well. */
  private final class Counts implements RdbReader.Notes {
    private long keys;
    private long expiring;
    private long expired;
    private long functions;
    private int database = -1;
    private int inScratch;
    private @Nullable RecordLoader scratch;

    void add(RdbRecord record) throws IOException {
      RecordLoader loader = scratch;
      if (loader == null || record.database() != database || inScratch == SCRATCH_KEYS) {
        Shards shards = new Shards(1, 1, () -> 1);
        loader = new RecordLoader(shards, LIMITS, nowMs, DatabasePlace.SERVED);
        scratch = loader;
        database = record.database();
        inScratch = 0;
      }
      inScratch++;
      loader.load(
          List.of(
              new RdbRecord(
                  0,
                  record.expiryMs(),
                  record.idleSeconds(),
                  record.frequency(),
                  record.type(),
                  record.key(),
                  record.slot(),
                  record.value())));
      keys++;
      if (record.expiryMs() != Keyspace.NO_EXPIRY) {
        expiring++;
        expired += record.expiryMs() < nowMs ? 1 : 0;
      }
    }

    @Override
    public void field(String name, String value) {
      out.println(path + ": " + name + " = " + value);
    }

    @Override
    public void sizes(long all, long withExpiry) {
      // Hints; the keys themselves are counted.
    }

    @Override
    public void function(byte[] source) {
      functions++;
    }

    @Override
    public void moduleField(String module) throws RdbException {
      throw new RdbException("data of module '" + module + "', which nothing here can read");
    }

    String text() {
      return keys
          + " keys, "
          + expiring
          + " with an expiry, "
          + expired
          + " expired, "
          + functions
          + " libraries of functions";
    }
  }

  /**
   * What was found behind the data.
   *
   * @param count commands
   * @param end behind the last whole command that is in no unfinished transaction
   * @param wrong why it does not go on there; null: the file ends there
   * @param later whether it goes on with what is of a later time than is wanted
   */
  private record Commands(long count, long end, @Nullable String wrong, boolean later) {}

  private Commands commands(FileChannel file, long from) throws IOException {
    file.position(from);
    AofReader reader =
        new AofReader((target, at, length) -> file.read(ByteBuffer.wrap(target, at, length)), from)
            .until(untilSeconds);
    long count = 0;
    long end = from;
    boolean queuing = false;
    try {
      Outcome outcome = reader.next();
      while (outcome == Outcome.COMMAND) {
        count++;
        queuing = is(reader, "MULTI") || (queuing && !is(reader, "EXEC"));
        end = queuing ? end : reader.position();
        outcome = reader.next();
      }
      if (outcome == Outcome.LATER) {
        end = queuing ? end : reader.position();
        return new Commands(count, end, "what follows is later than " + untilSeconds, true);
      }
      if (queuing) {
        return damaged(count, end, "a transaction begins there and has no EXEC");
      }
      if (outcome == Outcome.TRUNCATED) {
        return damaged(count, end, "the file ends within the command that begins there");
      }
      // Lines that are no commands may stand at the end.
      return new Commands(count, file.size(), null, false);
    } catch (AofException wrong) {
      return damaged(count, end, "no command follows: " + wrong.getMessage());
    }
  }

  private static Commands damaged(long count, long end, String wrong) {
    return new Commands(count, end, wrong, false);
  }

  private static boolean is(AofReader reader, String name) {
    String word =
        new String(reader.array(), reader.offset(0), reader.length(0), StandardCharsets.ISO_8859_1);
    return word.equalsIgnoreCase(name);
  }

  private void report(Commands found, long size) {
    out.println(path + ": " + found.count() + " commands in " + size + " bytes");
    if (found.wrong() != null) {
      out.println(path + ": well up to byte " + found.end() + "; " + found.wrong());
    }
  }

  /** A name that nothing has. */
  private Path aside() throws IOException {
    String name = path.getFileName() + ".cut-off";
    for (int i = 1; i <= ASIDE_MAX; i++) {
      Path aside = path.resolveSibling(i == 1 ? name : name + "." + i);
      if (!Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
        return aside;
      }
    }
    throw new IOException("too many files named " + name);
  }

  /** What is cut off is kept beside the file. */
  private boolean cut(long from) throws IOException {
    Path aside = aside();
    try (FileChannel file =
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel rest =
            FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Commands found = commands(file, from);
      long length = file.size() - found.end();
      long copied = 0;
      while (copied < length) {
        copied += file.transferTo(found.end() + copied, length - copied, rest);
      }
      rest.force(true);
      file.truncate(found.end());
      file.force(true);
      out.println(path + ": cut at byte " + found.end() + ", the rest is now in " + aside);
      return true;
    }
  }
}
