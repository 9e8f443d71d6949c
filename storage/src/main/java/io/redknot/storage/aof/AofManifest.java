package io.redknot.storage.aof;

import io.redknot.storage.aof.AofFile.Role;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files make up the data set, and in which order: at most one base, then what was changed
 * since, in increments. Immutable; each change makes another manifest.
 *
 * <pre>
 *   file appendonly.aof.1.base.rdb seq 1 type b
 *   file appendonly.aof.1.incr.aof seq 1 type i
 * </pre>
 *
 * A line for each file: base, history, increments. Source: Redis 7.
 */
public final class AofManifest {
  /** A file of more bytes is none: that would list tens of thousands of files. */
  public static final int BYTES_MAX = 16 << 20;

  /** A line with its end may have so many bytes. */
  static final int LINE_BYTES_MAX = 1024;

  private static final String SUFFIX = ".manifest";

  private final @Nullable AofFile base;
  private final List<AofFile> history;
  private final List<AofFile> increments;
  private final long baseSeq;
  private final long incrementSeq;

  AofManifest(@Nullable AofFile base, List<AofFile> history, List<AofFile> increments) {
    this(
        base,
        history,
        increments,
        base == null ? 0 : base.seq(),
        increments.isEmpty() ? 0 : increments.getLast().seq());
  }

  private AofManifest(
      @Nullable AofFile base,
      List<AofFile> history,
      List<AofFile> increments,
      long baseSeq,
      long incrementSeq) {
    this.base = base;
    this.history = List.copyOf(history);
    this.increments = List.copyOf(increments);
    this.baseSeq = baseSeq;
    this.incrementSeq = incrementSeq;
  }

  /** A manifest of no files. */
  public static AofManifest empty() {
    return new AofManifest(null, List.of(), List.of());
  }

  /**
   * Reads a manifest.
   *
   * @throws ManifestException where a line of it cannot be used
   */
  public static AofManifest parse(byte[] bytes) throws ManifestException {
    return new ManifestParser(new String(bytes, StandardCharsets.ISO_8859_1)).parse();
  }

  /** The manifest as it stands in its file. */
  public byte[] format() {
    StringBuilder text = new StringBuilder();
    if (base != null) {
      line(text, base);
    }
    history.forEach(file -> line(text, file));
    increments.forEach(file -> line(text, file));
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void line(StringBuilder text, AofFile file) {
    text.append("file ")
        .append(ManifestWords.quotedIfNeeded(file.name()))
        .append(" seq ")
        .append(file.seq())
        .append(" type ")
        .append(file.role().letter())
        .append('\n');
  }

  /** The name of the manifest's own file. */
  public static String fileName(String appendFileName) {
    return appendFileName + SUFFIX;
  }

  /** The base; null where there is none. */
  public @Nullable AofFile base() {
    return base;
  }

  /** What is to be removed. */
  public List<AofFile> history() {
    return history;
  }

  /** The increments in their order. */
  public List<AofFile> increments() {
    return increments;
  }

  /** All that is to be loaded, in its order. */
  public List<AofFile> toLoad() {
    List<AofFile> files = new ArrayList<>(increments.size() + 1);
    if (base != null) {
      files.add(base);
    }
    files.addAll(increments);
    return files;
  }

  /** The next base. */
  public AofFile nextBase(String appendFileName, boolean rdb) {
    long seq = baseSeq + 1;
    String name = appendFileName + "." + seq + ".base." + (rdb ? "rdb" : "aof");
    return new AofFile(name, seq, Role.BASE);
  }

  /** The next increment. */
  public AofFile nextIncrement(String appendFileName) {
    long seq = incrementSeq + 1;
    return new AofFile(appendFileName + "." + seq + ".incr.aof", seq, Role.INCREMENT);
  }

  /** With another increment, which is the last one. */
  public AofManifest withIncrement(AofFile file) {
    List<AofFile> more = new ArrayList<>(increments);
    more.add(file);
    return new AofManifest(base, history, more, baseSeq, file.seq());
  }

  /** With a base that holds all that was changed before an increment, and those from that one. */
  public AofManifest rewritten(AofFile newBase, long firstIncrement) {
    List<AofFile> old = new ArrayList<>(history);
    if (base != null) {
      old.add(base.asHistory());
    }
    List<AofFile> kept = new ArrayList<>();
    for (AofFile file : increments) {
      if (file.seq() < firstIncrement) {
        old.add(file.asHistory());
      } else {
        kept.add(file);
      }
    }
    return new AofManifest(newBase, old, kept, newBase.seq(), incrementSeq);
  }

  /** The same files; the next ones get no number that the other manifest has given. */
  public AofManifest numberedAfter(AofManifest other) {
    return new AofManifest(
        base,
        history,
        increments,
        Math.max(baseSeq, other.baseSeq),
        Math.max(incrementSeq, other.incrementSeq));
  }

  /** Without the history. */
  public AofManifest withoutHistory() {
    return new AofManifest(base, List.of(), increments, baseSeq, incrementSeq);
  }

  @Override
  public String toString() {
    return new String(format(), StandardCharsets.ISO_8859_1);
  }
}
