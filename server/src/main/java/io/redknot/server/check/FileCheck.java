package io.redknot.server.check;

import io.redknot.server.check.CheckedFile.Fix;
import io.redknot.storage.aof.AofFile;
import io.redknot.storage.aof.AofManifest;
import io.redknot.storage.aof.AofReader;
import io.redknot.storage.aof.ManifestException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Checks RDB files, append-only files and their manifests, says what it finds, and repairs what can
 * be repaired: a file of commands loses what stands behind the last one that is whole, or behind
 * the last one of a time that is asked for.
 *
 * <pre>
 * [--fix | --truncate-to-timestamp SECONDS] FILE ...
 * </pre>
 *
 * <p>Exit codes: 0 all is well, or is now; 1 something is damaged or cannot be read; 2 wrong
 * arguments.
 */
public final class FileCheck {
  private static final String TRUNCATE = "--truncate-to-timestamp";
  private static final int OK = 0;
  private static final int DAMAGED = 1;
  private static final int USAGE = 2;

  private final PrintStream out;
  private final PrintStream err;
  private final long nowMs;
  private boolean fix;

  /** Unix time of the last commands that are wanted. */
  private long untilSeconds = AofReader.ANY_TIME;

  FileCheck(PrintStream out, PrintStream err, long nowMs) {
    this.out = out;
    this.err = err;
    this.nowMs = nowMs;
  }

  /** Checks the files that are named and ends the process with its exit code. */
  public static void main(String[] args) {
    long nowMs = new io.redknot.server.SystemClock().nowMs();
    System.exit(new FileCheck(System.out, System.err, nowMs).run(args));
  }

  int run(String... args) {
    List<Path> files = new ArrayList<>();
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext()) {
      String word = words.next();
      if (word.equals("--fix")) {
        fix = true;
      } else if (word.equals(TRUNCATE) && words.hasNext()) {
        untilSeconds = seconds(words.next());
      } else if (word.startsWith("-")) {
        err.println("redknot-check: unknown option " + word);
        return USAGE;
      } else {
        files.add(Path.of(word));
      }
    }
    if (files.isEmpty() || untilSeconds < 0 || (fix && untilSeconds != AofReader.ANY_TIME)) {
      err.println("redknot-check: expected [--fix | " + TRUNCATE + " SECONDS] FILE ...");
      return USAGE;
    }
    boolean ok = true;
    for (Path file : files) {
      ok &= check(file);
    }
    return ok ? OK : DAMAGED;
  }

  /** Unix seconds; -1 where it is no such time. */
  private static long seconds(String text) {
    return text.matches("[0-9]{1,10}") ? Long.parseLong(text) : -1;
  }

  private boolean check(Path file) {
    try {
      return file.toString().endsWith(AofManifest.fileName(""))
          ? manifest(file)
          : new CheckedFile(file, out, nowMs, untilSeconds).check(fix ? Fix.CUT : Fix.OFFER);
    } catch (IOException failure) {
      out.println(file + ": cannot be read: " + failure);
      return false;
    }
  }

  private Fix fixOf(boolean last, boolean othersWell) {
    if (!last) {
      return Fix.NOT_LAST;
    }
    if (!othersWell) {
      return Fix.OTHERS;
    }
    return fix ? Fix.CUT : Fix.OFFER;
  }

  private boolean manifest(Path file) throws IOException {
    if (Files.size(file) > AofManifest.BYTES_MAX) {
      out.println(file + ": is no manifest, with more than " + AofManifest.BYTES_MAX + " bytes");
      return false;
    }
    AofManifest manifest;
    try {
      manifest = AofManifest.parse(Files.readAllBytes(file));
    } catch (ManifestException wrong) {
      out.println(
          file
              + ": line "
              + wrong.line()
              + " '"
              + wrong.text()
              + "' cannot be used: "
              + wrong.getMessage());
      return false;
    }
    List<AofFile> listed = manifest.toLoad();
    out.println(file + ": lists " + listed.size() + " files to load");
    boolean ok = true;
    for (int i = 0; i < listed.size(); i++) {
      byte[] name = listed.get(i).name().getBytes(StandardCharsets.ISO_8859_1);
      Path path = file.resolveSibling(new String(name, StandardCharsets.UTF_8));
      if (!Files.exists(path)) {
        out.println(path + ": is listed and missing");
        ok = false;
      } else {
        Fix how = fixOf(i == listed.size() - 1, ok);
        ok &= new CheckedFile(path, out, nowMs, untilSeconds).check(how);
      }
    }
    out.println(file + (ok ? ": all files are well" : ": not all files are well"));
    return ok;
  }
}
